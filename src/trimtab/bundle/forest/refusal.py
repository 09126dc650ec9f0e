"""How packing says no."""

from __future__ import annotations

from trimtab.core.errors import Problem, UserError

__all__ = ["refused"]


def refused(why: str) -> UserError:
    """P290: the model cannot be packed; the caller falls back to the library itself."""
    return UserError(Problem("P290", f"the model cannot be packed as a forest: {why}"))
