"""What several rooms' tests need: a bundle that is only files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import Manifest, digest, encode, signature_to_plain
from trimtab.core.signature import Field, Signature

FILES = {"model/weights": b"\x00\x01" * 10, "code/own.py": b"x = 1\n", "requirements.txt": b""}


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
