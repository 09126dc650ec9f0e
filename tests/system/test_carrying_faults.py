"""Killed at any step, or with a disk that fails there, a pull or the packing of a layer leaves a whole store behind.

Every eighth step is taken, and of the many pieces of a blob, which are all alike, one in 200; `EVERY_STEP=1`
takes them all.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doubles.nth import FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of
from tests.doubles.registries import MemoryRegistry

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.bundle.files import digest_folder
from trimtab.bundle.image.layers import LayerStore
from trimtab.bundle.image.tarball import Member
from trimtab.bundle.incoming import incoming_folder
from trimtab.bundle.manifest import Manifest, encode, signature_to_plain
from trimtab.bundle.oci.pulling import pull
from trimtab.bundle.oci.pushing import push
from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store
from trimtab.core.signature import Field, Signature

EVERY_STEP = bool(os.environ.get("EVERY_STEP"))
SIGNATURE = signature_to_plain(Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays"))
SIGNED = (Evidence("application/x.signature", b"sig"),)


@pytest.fixture
def memory(tmp_path: Path) -> MemoryRegistry:
    """A registry with a bundle that has a file large enough to be kept on its way."""
    folder = tmp_path / "made"
    (folder / "model").mkdir(parents=True)
    (folder / "model/large").write_bytes(os.urandom(1 << 20))
    (folder / "model/small").write_bytes(b"small")
    manifest = Manifest(name="m", flavour="python", signature=SIGNATURE, files=digest_folder(folder))
    (folder / "bundle.json").write_bytes(encode(manifest))
    registry = MemoryRegistry()
    push(Registry(registry.session(), "team/m"), open_bundle(folder), SIGNED, "v1")
    return registry


def pulled(memory: MemoryRegistry, root: Path) -> str:
    remote = parse_remote("registry.example/team/m:v1")
    registry = Registry(memory.session(), "team/m")
    return pull(registry, remote, Store(root), lambda *_: None, lambda _: None, 0.0).bundle.digest


def packed(root: Path) -> str:
    def make(work: Path) -> tuple[list[Member], tuple[str, ...]]:
        (work / "file").write_bytes(b"y" * 3000)
        return [Member("file", work / "file", 0o644), Member("other", b"x", 0o644)], ()

    return LayerStore(root).layer("libraries", ["inputs"], make).descriptor.digest


def some_of(total: int) -> list[int]:
    if EVERY_STEP:
        return [*range(total)]
    first = min(total, 80)
    last = max(first, total - 200)
    return [*range(0, first, 8), *range(first, last, 200), *range(last, total, 8)]


def steps_in(act: Callable[[Path], str], root: Path) -> int:
    act(root)  # what is imported on the way is compiled now
    shutil.rmtree(root)
    return steps_of(lambda: act(root))


@pytest.fixture
def actions(memory: MemoryRegistry) -> dict[str, Callable[[Path], str]]:
    return {"pull": functools.partial(pulled, memory), "layer": packed}


def check(root: Path, action: str, again: Callable[[Path], str]) -> None:
    """What is there is whole, and the next try finishes."""
    store = Store(root)
    for entry in store.list():
        assert store.resolve(entry.digest).digest == entry.digest
        assert evidence_of(root, entry.digest) == SIGNED
    for blob in (root / "images/blobs/sha256").glob("[0-9a-f]*"):
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    digest = again(root)
    with incoming_folder(root):  # whoever writes next sweeps what the dead left
        pass
    assert list((root / "incoming").iterdir()) == []
    assert not (root / "partial").exists()
    if action == "pull":
        assert store.resolve(digest).digest == digest
        assert evidence_of(root, digest) == SIGNED


@pytest.mark.parametrize("action", ["layer", "pull"])
def test_killed_at_any_step(actions: dict[str, Callable[[Path], str]], tmp_path: Path, action: str) -> None:
    act, root = actions[action], tmp_path / "store"
    total = steps_in(act, root)
    assert total > 10
    for number in some_of(total):
        shutil.rmtree(root, ignore_errors=True)
        assert kill_at(number, lambda: act(root)) == KILLED
        check(root, action, act)


@pytest.mark.parametrize("action", ["layer", "pull"])
def test_a_full_disk_at_any_step(actions: dict[str, Callable[[Path], str]], tmp_path: Path, action: str) -> None:
    act, root = actions[action], tmp_path / "store"
    total = steps_in(act, root)
    for number in some_of(total):
        shutil.rmtree(root, ignore_errors=True)
        assert fail_at(number, lambda: act(root), errno.ENOSPC) in (REFUSED, FINISHED), f"step {number}"
        check(root, action, act)
