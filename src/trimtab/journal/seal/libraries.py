"""What a process must have installed to seal; a server that only serves has neither, and its segments simply stay."""

from __future__ import annotations

import importlib.util

from trimtab.core.errors import Problem, UserError

__all__ = ["can_seal", "need_arrow"]


def can_seal() -> bool:
    """Whether Parquet can be written here; nothing is imported."""
    return importlib.util.find_spec("pyarrow") is not None


def need_arrow() -> None:
    """UserError P920 where Parquet cannot be written."""
    if not can_seal():
        what = "sealing what was logged needs the package `pyarrow`; until then segments stay as they are, and are kept"
        raise UserError(Problem("P920", what, "", "`pip install 'trimtab[log]'`"))
