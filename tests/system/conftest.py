"""Projects in a temporary folder, packaged for real."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.lock import LOCK_FILE, Pin, render_lock
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store


class Workshop:
    """One project folder and its store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root / ".trimtab")
        self.said: list[tuple[str, str]] = []

    def write(self, **files: str) -> None:
        """Write files; `__` in a name stands for `/`, and `.py` is added where there is no suffix."""
        for name, text in files.items():
            path = self.root / (name.replace("__", "/") + ("" if "." in name else ".py"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def lock_everything(self) -> None:
        """A lock file of all that is installed here, with invented hashes: no index is asked."""
        found = {dist.name.lower().replace("_", "-").replace(".", "-"): dist for dist in importlib.metadata.distributions()}
        pins = [Pin(name, dist.version, (f"sha256:{'0' * 64}",)) for name, dist in found.items()]
        (self.root / LOCK_FILE).write_text(render_lock(pins))

    def package(self, **recipe: object) -> Bundle:
        """Package with the defaults of a model in plain Python."""
        plain = {"name": "small", "root": self.root, "model": "model:predict", "sample": {"x": [1.0, 2.0, 3.0]}}
        self.said = []
        return package(Recipe(**{**plain, **recipe}), self.store, lambda *words: self.said.append(words))

    def left_over(self) -> list[str]:
        """What is in the store beside its lock and bookkeeping folders."""
        return [str(path.relative_to(self.root)) for path in (self.root / ".trimtab").rglob("*") if path.is_file() and path.name != "lock"]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path)
