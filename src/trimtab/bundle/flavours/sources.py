"""What a model source looks like from the outside: its classes' names, its suffix, its first bytes."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

from trimtab.core.collecting import uncollected
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.reports import no_reports

__all__ = [
    "FRAMEWORKS",
    "copied",
    "declared",
    "fail",
    "framework",
    "has_suffix",
    "head",
    "no_method",
    "peek",
    "reason",
    "roots",
    "seen",
]

FRAMEWORKS: Final = frozenset({"lightgbm", "onnx", "sklearn", "torch", "xgboost"})

_MAGIC: Final = (
    (b"version https://git-lfs", "a Git LFS pointer"),
    (b"<", "a web page or XML"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x80", "a pickle"),
    (b"\x1f\x8b", "gzip data"),
    (b"x\x9c", "zlib data"),
    (b"{", "JSON or UBJSON"),
)


def fail(code: str, what: str, where: object = "", hint: str = "") -> UserError:
    """The user's mistake as an error to raise."""
    return UserError(Problem(code, what, str(where), hint))


def roots(source: object) -> frozenset[str]:
    """The top-level packages of the classes an object is made of; imports nothing."""
    if isinstance(source, type):
        return frozenset()
    return frozenset(base.__module__.partition(".")[0] for base in type(source).__mro__)


def has_suffix(source: object, suffixes: Collection[str]) -> bool:
    """Whether the source is a path whose name ends in one of the suffixes, in any case."""
    return isinstance(source, Path) and source.suffix.lower() in suffixes


def head(path: Path, size: int = 64) -> bytes:
    """The first bytes of a model file; P220 when there is none, it is a folder, or it is empty."""
    if path.is_dir():
        raise fail("P220", f"the model `{path.name}` is a folder, a file is wanted", path)
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except OSError as error:
        raise fail("P220", f"no readable model file `{path.name}`: {error.strerror}", path) from error
    if not start:
        raise fail("P220", f"the model file `{path.name}` is empty", path)
    return start


def peek(path: Path, size: int = 64) -> bytes:
    """The first bytes, or none when there is no such file; to tell suffixes apart that two frameworks use."""
    return head(path, size) if path.is_file() and path.stat().st_size else b""


def seen(path: Path, wanted: str) -> UserError:
    """P223: the content is not what the suffix declares; says what it looks like."""
    start = head(path)
    looks = next((name for magic, name in _MAGIC if start.lstrip().startswith(magic)), f"bytes `{start[:8].hex(' ')}`")
    hint = "`git lfs pull` brings the file itself" if "LFS" in looks else ""
    return fail("P223", f"`{path.name}` should be {wanted}, but its content is {looks}", path, hint)


def framework(name: str) -> Any:
    """The imported module `name`; P224 with the extra to install when its package is missing."""
    no_reports()
    try:
        with uncollected():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        top = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != top:
            raise
        extra = {"onnxruntime": "onnx", "skops": "sklearn", "joblib": "sklearn"}.get(top, top)
        hint = f'`pip install "trimtab[{extra}]"`'
        raise fail("P224", f"the package `{top}` is not installed", hint=hint) from error


def reason(error: BaseException) -> str:
    """An exception of a framework in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__


def declared(folder: Path, name: object, known: Collection[str]) -> Path:
    """The file of a bundle's model; P223 for a name that this flavour never writes, which may lie anywhere."""
    if name not in known:
        names = ", ".join(f"`{one}`" for one in sorted(known))
        raise fail("P223", f"the manifest names the model file `{str(name)[:100]}`, not {names}", folder)
    return folder / str(name)


def no_method(method: str, offered: Iterable[str], what: str) -> UserError:
    """P226: the model does not offer the method; names the nearest one that it does."""
    return fail("P226", f"{what} has no method `{method}`", "[model] method", did_you_mean(method, offered))


def copied(source: Path, folder: Path, name: str) -> str:
    """Copies a model file byte for byte into the folder under its standard name, and returns that name."""
    shutil.copyfile(source, folder / name)
    return name
