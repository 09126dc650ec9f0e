"""The benchmarks' modules, which lie in a folder that is not installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def bench(root: Path) -> Iterator[Callable[[str], ModuleType]]:
    """A module of the benchmarks' folder by its name; none of them stays behind."""
    folder = str(root / "benchmarks")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    yield importlib.import_module
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
            del sys.modules[name]
