"""Which parts of a bundle are code: decided from the manifest, and the first bytes of files; nothing is parsed.

Data is what is known to be data, everything else is code. A binary pickle or a packed file counts as code under any
name, although no loader would take it for that: each goes by what the manifest declares, and falls back on nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from trimtab.bundle.manifest import Manifest
from trimtab.bundle.read import Bundle

__all__ = ["code_of", "is_code"]

_DATA_FLAVOURS: Final = frozenset({"lightgbm", "onnx", "xgboost"})
_SUFFIXES: Final = frozenset({
    ".cloudpickle", ".dill", ".dll", ".dylib", ".joblib", ".pickle", ".pkl", ".pt", ".pt2", ".pth", ".py",
    ".pyc", ".pyd", ".pyo", ".so", ".ts",
})  # fmt: skip
_PICKLES: Final = tuple(bytes([0x80, version]) for version in range(1, 6))
_NATIVE: Final = (b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_ZLIB: Final = (b"x\x01", b"x\x9c", b"x\xda", b"x^")  # what joblib compresses with
_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"]\x00\x00", b"\x04\x22\x4d\x18", *_ZLIB)


def code_of(bundle: Bundle) -> tuple[str, ...]:
    """The members that are code, or name code; in the order of their names."""
    found = [*_named(bundle.manifest)]
    for name in sorted(bundle.manifest.files):
        runs = name.startswith("code/") or (name.startswith("model/") and _loads_code(bundle.manifest))
        if runs or is_code(name, _head(bundle.folder / name)):
            found.append(name)
    return tuple(dict.fromkeys(found))


def is_code(name: str, head: bytes) -> bool:
    """Whether a file is a program or a pickle, by its suffix or its first bytes."""
    suffix = Path(name).suffix.lower()
    return suffix in _SUFFIXES or head.startswith((*_PICKLES, *_NATIVE, *_PACKED))


def _named(manifest: Manifest) -> list[str]:
    """Functions that the manifest names: of its own modules, or of whatever is installed."""
    found = [f"prepare {manifest.prepare}"] if manifest.prepare else []
    if manifest.flavour == "python":
        found.append(f"model {str(manifest.options.get('reference'))[:100]}")
    return found


def _loads_code(manifest: Manifest) -> bool:
    """Whether reading the model runs what it says; skops does where the bundle itself names types to trust."""
    if manifest.flavour == "sklearn":
        return manifest.options.get("format") != "skops" or bool(manifest.options.get("trusted"))
    return manifest.flavour not in _DATA_FLAVOURS


def _head(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        return file.read(8)
