"""Projects in a temporary folder, packaged for real."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.lock.text import LOCK_FILE, Pin, render_lock
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store


class Workshop:
    """One project folder and its store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root / ".trimtab")
        self.said: list[tuple[str, str]] = []

    def write(self, files: Mapping[str, str] | None = None, **modules: str) -> None:
        """Write files by their place in the project, and modules by their name."""
        for name, text in {**(files or {}), **{f"{name}.py": text for name, text in modules.items()}}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def lock_everything(self) -> None:
        """A lock file of all that is installed here, with invented hashes: no index is asked."""
        found = {canonicalize_name(dist.name): dist for dist in importlib.metadata.distributions()}
        pins = [Pin(name, dist.version, (f"sha256:{'0' * 64}",)) for name, dist in found.items()]
        (self.root / LOCK_FILE).write_text(render_lock(pins))

    def package(self, **recipe: object) -> Bundle:
        """Package with the defaults of a model in plain Python."""
        plain = {"name": "small", "root": self.root, "model": "model:predict", "sample": {"x": [1.0, 2.0, 3.0]}}
        self.said = []
        return package(Recipe(**{**plain, **recipe}), self.store, lambda *words: self.said.append(words))

    def left_over(self) -> list[str]:
        """Files in the store, beside its lock."""
        files = [path for path in self.store.root.rglob("*") if path.is_file()]
        return [path.name for path in files if path.name != "lock"]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path)
