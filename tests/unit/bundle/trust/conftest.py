"""Bundles of a few small files, and people who sign them."""

from __future__ import annotations

import pytest

from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest, Source, signature_to_plain
from trimtab.bundle.read import open_bundle
from trimtab.core.signature import Field, Signature

COLUMN = Field("x", "FP64")


@pytest.fixture(scope="session")
def people(signers):
    """Everybody, by name."""
    return signers.people()


@pytest.fixture
def make(tmp_path):
    """Makes a bundle of files and what its manifest says: make({"model/a.txt": b"..."}, flavour="lightgbm")."""
    count = iter(range(100))

    def made(files=None, **said):
        folder = tmp_path / f"bundle{next(count)}"
        for name, data in (files or {"model/model.txt": b"tree\n"}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        source = Source("c0ffee" * 6, True, {"train.csv": "ab" * 32}, {"auc": 0.91})
        plain = {"name": "churn", "flavour": "lightgbm", "source": source, "python": "3.11", "files": {}}
        signature = signature_to_plain(Signature((COLUMN,), (COLUMN,), "arrays"))
        write_manifest(folder, Manifest(**{**plain, "signature": signature, **said}))
        return open_bundle(folder)

    return made


@pytest.fixture
def bundle(make):
    """A bundle that is data."""
    return make({"model/model.txt": b"tree\n", "model/a-b.txt": b"1", "model/a/b.txt": b"2"})
