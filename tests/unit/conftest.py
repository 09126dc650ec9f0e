"""What several rooms' tests need: a bundle that is only files, and modules that are not installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import Manifest, digest, encode, signature_to_plain
from trimtab.core.signature import Field, Signature

FILES = {"model/weights": b"\x00\x01" * 10, "code/own.py": b"x = 1\n", "requirements.txt": b""}


@pytest.fixture(scope="session")
def write_bundle() -> Callable[..., str]:
    """Writes a bundle of a few small files, which loads and answers nothing, into a folder; returns its digest."""

    def write(folder: Path, name: str = "m", files: dict[str, bytes] | None = None) -> str:
        for place, content in (FILES if files is None else files).items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        folder.mkdir(exist_ok=True)
        signature = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")
        plain = signature_to_plain(signature)
        options = {"reference": "builtins:id", "method": ""}
        manifest = Manifest(name=name, flavour="python", signature=plain, options=options, files=digest_folder(folder))
        (folder / "bundle.json").write_bytes(encode(manifest))
        return digest(manifest)

    return write


@contextmanager
def modules_in(folder: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Modules by name of a folder that is not installed; none of them stays behind."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]


@pytest.fixture(scope="session")
def bench(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """A module of the benchmarks' folder by its name."""
    with modules_in(root / "benchmarks") as found:
        yield found


@pytest.fixture(scope="session")
def demo(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """A module of the demo's folder by its name: demo("flights.days")."""
    with modules_in(root / "demo") as found:
        yield found
