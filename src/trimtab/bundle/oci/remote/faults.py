"""The errors of a talk with a registry; none repeats a header or a password."""

from __future__ import annotations

from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["Broken", "no_way_in", "unusable"]


class Broken(Exception):  # noqa: N818  # no error yet: it is tried again
    """A fault that may pass: the connection broke, or the registry is busy; `asked_s` is the pause that it wants."""

    def __init__(self, what: str, asked_s: float | None = None) -> None:
        """What: as it would end the sentence that starts with the registry's name."""
        super().__init__(what)
        self.what = what
        self.asked_s = asked_s


def no_way_in(what: str, where: str, hint: str = "") -> UserError:
    """P238: the registry does not let us do it, or wants credentials that are not there or are not brought to it."""
    return UserError(Problem("P238", what, where, hint))


def unusable(what: str, where: str, hint: str = "") -> OutsideError:
    """P247: no answer, or none that the distribution specification knows."""
    return OutsideError(Problem("P247", what, where, hint))
