"""The small real models of `tests/parts`, for the tests of the bundle."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import Manifest, digest, encode, signature_to_plain
from trimtab.core.signature import Field, Signature

FILES = {"model/weights": b"\x00\x01" * 10, "code/own.py": b"x = 1\n", "requirements.txt": b""}


def load(path: Path) -> ModuleType:
    """A script of `tests/parts` as a module, so that the functions in it can be imported by others too."""
    name = f"trimtab_parts_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def parts(root: Path) -> ModuleType:
    """What builds small models of each flavour."""
    return load(root / "tests" / "parts" / "make.py")


@pytest.fixture(scope="session")
def parts_mlflow(root: Path) -> ModuleType:
    """What saves them with the real MLflow."""
    return load(root / "tests" / "parts" / "make_mlflow.py")


@pytest.fixture(scope="session")
def write_bundle() -> Callable[..., str]:
    """Writes a bundle of a few small files, which nothing can load, into a folder; returns its digest."""

    def write(folder: Path, name: str = "m", files: dict[str, bytes] | None = None) -> str:
        for place, content in (FILES if files is None else files).items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        folder.mkdir(exist_ok=True)
        signature = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")
        plain = signature_to_plain(signature)
        manifest = Manifest(name=name, flavour="python", signature=plain, files=digest_folder(folder))
        (folder / "bundle.json").write_bytes(encode(manifest))
        return digest(manifest)

    return write
