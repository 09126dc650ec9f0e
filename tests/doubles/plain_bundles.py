"""Small bundles, written in no time instead of packaged: `y = factor * x`, in Python, with golden rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from trimtab.bundle.files import digest_folder
from trimtab.bundle.golden import Golden, write_golden
from trimtab.bundle.manifest import CodeSpec, Manifest, encode, signature_to_plain
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store
from trimtab.bundle.trust.origin import Record, keep_origin
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

SIGNATURE = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")
ROWS = np.array([1.0, 2.0, 3.0])


def signed_bundle(store: Store, signature: Signature, name: str = "small") -> Bundle:
    """A bundle of that signature, which answers nothing and has no golden rows."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "bundle")
        (folder / "code").mkdir(parents=True)
        asked_nothing = "def predict(rows):\n    raise AssertionError('only the signature is looked at')\n"
        (folder / "code/model.py").write_text(asked_nothing)
        (folder / "requirements.txt").write_text("")
        manifest = Manifest(
            name=name, flavour="python", signature=signature_to_plain(signature),
            options={"reference": "model:predict", "method": ""}, code=CodeSpec(("model",), ("model.py",)),
            files=digest_folder(folder),
        )  # fmt: skip
        (folder / "bundle.json").write_bytes(encode(manifest))
        digest = store.add(folder)
    keep_origin(store.root, digest, Record("packaged"))
    return store.resolve(digest)


def plain_bundle(store: Store, factor: float, name: str = "small", answers: float | None = None) -> Bundle:
    """A bundle in the store, as if it had been packaged there. answers: another factor than its golden rows have."""
    code = f"def predict(rows):\n    return {{'y': rows['x'] * {factor if answers is None else answers}}}\n"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "bundle")
        (folder / "code").mkdir(parents=True)
        (folder / "code/model.py").write_text(code)
        (folder / "requirements.txt").write_text("")
        golden = Golden(Table({"x": Column(ROWS)}, len(ROWS)), {"y": ROWS * factor}, 1e-6, 1e-9)
        manifest = Manifest(
            name=name,
            flavour="python",
            signature=signature_to_plain(SIGNATURE),
            options={"reference": "model:predict", "method": ""},
            code=CodeSpec(("model",), ("model.py",)),
            golden=write_golden(golden, folder, SIGNATURE, name),
            files=digest_folder(folder),
        )
        (folder / "bundle.json").write_bytes(encode(manifest))
        digest = store.add(folder)
    keep_origin(store.root, digest, Record("packaged"))
    return store.resolve(digest)
