"""What goes wrong while a journal is asked, in the house's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["asking"]


@contextmanager
def asking(error: type[Exception], *, condition: bool) -> Iterator[None]:
    """Faults of DuckDB in the block: UserError P932 where somebody's condition is at fault, else OutsideError P937.

    error: what such faults are. condition: whether there is one.
    """
    try:
        yield
    except error as fault:
        what = str(fault).partition("\n")[0]
        if condition and not what.startswith(("Out of Memory", "IO Error")):
            hint = "`TRY_CAST(x AS INTEGER)` is null where a value is no integer"
            place = "--where"
            raise UserError(
                Problem("P932", f"the condition fails: {what}", place, hint if "onver" in what else "")
            ) from None
        hint = "`--since` narrows down what is read"
        raise OutsideError(Problem("P937", f"the journal cannot be asked: {what}", "", hint)) from None
