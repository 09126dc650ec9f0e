"""The small real models of `tests/parts`, for the tests of the bundle."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


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
