"""Pickles: which of them is which, and how to write one that is the same each time."""

from __future__ import annotations

import io
import mmap
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import fail, framework, head, reason
from trimtab.bundle.flavours.tables import without_padding

__all__ = ["pickle_format", "refuse_main", "steady_pickle"]

# the compressors that joblib knows: zlib, gzip, bzip2, xz, lzma, lz4
_COMPRESSED: Final = (
    b"x\x01",
    b"x\x9c",
    b"x\xda",
    b"x^",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"]\x00",
    b"\x04\x22\x4d\x18",
)
_PICKLE: Final = b"\x80"
_JOBLIB_MARK: Final = b"joblib.numpy_pickle"


def pickle_format(path: Path) -> str:
    """`pickle` or `joblib` by the content of the file, empty if it is neither.

    joblib reads both, and its arrays stand between the parts of a pickle that plain `pickle` would stumble over.
    """
    start = head(path)
    if start.startswith(_COMPRESSED):
        return "joblib"
    if not start.startswith(_PICKLE):
        return ""
    if path.suffix.lower() == ".joblib":
        return "joblib"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return "joblib" if data.find(_JOBLIB_MARK) >= 0 else "pickle"


def refuse_main(data: bytes, model: object) -> None:
    """P227 when written data names classes or functions of `__main__`, which no other process has."""
    if b"__main__" in data:
        hint = "move its classes and functions from the script or notebook to a module, and import them from there"
        raise fail("P227", f"the `{type(model).__name__}` uses code of `__main__`, which no server has", hint=hint)


def steady_pickle(model: object) -> bytes:
    """The model as an uncompressed joblib file; the members of sets are in the order of their values."""
    pickler: Any = framework("joblib.numpy_pickle").NumpyPickler

    class Steady(pickler):  # type: ignore[misc,unused-ignore]  # joblib has no types
        """joblib's pickler, without what depends on the hash seed and on old memory."""

        dispatch = pickler.dispatch.copy()

        def save(self, value: Any) -> None:
            super().save(without_padding(value) if type(value) is np.ndarray else value)

        def save_set(self, members: set[Any] | frozenset[Any]) -> None:
            ordered = sorted(members, key=lambda member: (type(member).__name__, repr(member)))
            self.save_reduce(type(members), (ordered,), obj=members)

        dispatch[set] = dispatch[frozenset] = save_set

    buffer = io.BytesIO()
    try:
        Steady(buffer, protocol=4).dump(model)
    except Exception as error:
        hint = "a lambda, a local function or an open resource cannot be saved; move functions to a module"
        raise fail("P227", f"the `{type(model).__name__}` cannot be saved: {reason(error)}", hint=hint) from error
    refuse_main(buffer.getvalue(), model)
    return buffer.getvalue()
