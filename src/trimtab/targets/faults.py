"""What every target says no with; each takes what happened, in words, and where."""

from __future__ import annotations

from trimtab.core.errors import OutsideError, Problem, RefusedError

__all__ = ["did_not_come_up", "no_answer"]


def did_not_come_up(what: str, where: str, hint: str = "") -> RefusedError:
    """P501: the new revision is no good, and what answered before still does."""
    return RefusedError(Problem("P501", what, where, hint))


def no_answer(what: str, where: str, hint: str = "") -> OutsideError:
    """P502: the platform cannot be asked, or not be changed."""
    return OutsideError(Problem("P502", what, where, hint))
