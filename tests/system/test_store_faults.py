"""Killed at any step, or with a disk that fails at any step, the store stays whole; what is swapped is not served.

Every eighth step is taken; `EVERY_STEP=1` takes them all, in a minute or two.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.nth import FAULT, FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of

from trimtab.bundle.collect import collect
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.evidence import Evidence
from trimtab.bundle.files import digest_folder, walk
from trimtab.bundle.manifest import Manifest, digest, encode, signature_to_plain
from trimtab.bundle.receiving import receive
from trimtab.bundle.stock import Limits
from trimtab.bundle.store import Store
from trimtab.core.errors import TrimtabError
from trimtab.core.signature import Field, Signature

SIGNATURE = signature_to_plain(Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays"))
STRIDE = 1 if os.environ.get("EVERY_STEP") else 8
COSTS = Costs((1,), {"original": (1.0,), "linear": (0.5,)})


def write(folder: Path, word: str) -> str:
    """A small bundle with a file of its own and one that all share; its digest."""
    (folder / "model").mkdir(parents=True, exist_ok=True)
    (folder / "model" / "own").write_bytes(word.encode() * 40)
    (folder / "model" / "same").write_bytes(b"same" * 40)
    manifest = Manifest(name="m", flavour="python", signature=SIGNATURE, files=digest_folder(folder))
    (folder / "bundle.json").write_bytes(encode(manifest))
    return digest(manifest)


def package(root: Path) -> None:
    store = Store(root)
    with store.staging() as stage:
        made = write(stage, "new")
        store.add(stage)
    store.measured(made, COSTS)
    store.tag("m", "latest", made)


def add(root: Path) -> None:
    Store(root).add(root.parent / "other")


def mend(root: Path) -> None:
    """A bundle that is there and damaged, once more."""
    Store(root).add(root.parent / "broken")


def take(root: Path) -> None:
    """A bundle that is received, with a document about it."""
    receive(
        Store(root),
        copying(root.parent / "other"),
        (Evidence("x", b"y"),),
        lambda *_: None,
        first=lambda _: "not tried",
    )


def tag(root: Path) -> None:
    Store(root).tag("m", "prod", next(one.digest for one in Store(root).list() if "latest" in one.aliases))


def gc(root: Path) -> None:
    collect(Store(root), Limits(keep=0))


def begin(folder: Path, *, broken: bool) -> Path:
    """A store with bundles `m:latest`, `m:prod` and one without a name, beside folders of others."""
    root = folder / "store"
    made = {}
    for word in ("one", "two", "loose", "broken", "other"):
        made[word] = write(folder / word, word)
    store = Store(root)
    for word in ("one", "two", "loose", *(("broken",) if broken else ())):
        store.add(folder / word)
        store.measured(made[word], COSTS)
    store.tag("m", "prod", made["one"])
    store.tag("m", "latest", made["two"])
    if broken:
        file = store.folder(made["broken"]) / "model" / "own"
        file.chmod(0o644)
        file.write_bytes(b"x" * 240)
    return root


ACTIONS = {"package": package, "add": add, "mend": mend, "receive": take, "tag": tag, "gc": gc}


def check(root: Path, action: str) -> None:
    """Everything that is listed opens, every alias points at something whole, the next add works and sweeps."""
    store = Store(root)
    for entry in store.list():
        assert entry.fault == ""
        if action != "mend":
            assert store.resolve(entry.digest).digest == entry.digest
    for alias in ("latest", "prod"):
        assert store.resolve(f"m:{alias}").name == "m"
    assert {path.name for path in root.iterdir()} <= {
        "blobs", "bundles", "evidence", "history", "incoming", "lock", "measured", "names", "origins", "untried",
    }  # fmt: skip
    after = write(root.parent / "after", "after")
    store.add(root.parent / "after")
    if action == "mend":
        store.add(root.parent / "broken")
        assert [store.resolve(entry.digest).digest for entry in store.list()]
    assert store.resolve(after).digest == after
    assert list((root / "incoming").iterdir()) == []
    for blob in (root / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    del store
    collect(Store(root), Limits(keep=9))
    assert [path for path in root.rglob("*") if "draft" in path.name] == []
    assert all(blob.stat().st_nlink > 1 for blob in (root / "blobs" / "sha256").iterdir())


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A new store for an action, in the place of the last one."""

    # nobody pulls a plug here, so memory will do for a disk, and is quicker to sync
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    work = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else tmp_path)) / "work"

    def made(action: str) -> Path:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        return begin(work, broken=action == "mend")

    yield made
    shutil.rmtree(work.parent)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_killed_at_any_step_the_store_is_whole(fresh: Any, action: str) -> None:
    total = steps_of(functools.partial(ACTIONS[action], fresh(action)))
    assert total > 5
    for number in range(len(action) % STRIDE, total, STRIDE):
        root = fresh(action)
        assert kill_at(number, functools.partial(ACTIONS[action], root)) == KILLED
        check(root, action)


@pytest.mark.parametrize(
    ("action", "code"), [*((name, errno.ENOSPC) for name in ("add", "gc", "receive", "tag")), ("package", errno.EIO)]
)
def test_a_disk_that_fails_at_any_step_is_named_and_the_store_is_whole(fresh: Any, action: str, code: int) -> None:
    total = steps_of(functools.partial(ACTIONS[action], fresh(action)))
    for number in range(len(action) % STRIDE, total, STRIDE):
        root = fresh(action)
        ended = fail_at(number, functools.partial(ACTIONS[action], root), code)
        assert ended in (REFUSED, FINISHED), f"step {number}"  # what fails while tidying up is left to the next one
        check(root, action)


def test_the_faults_happen(fresh: Any) -> None:
    root = fresh("add")
    assert kill_at(10_000, functools.partial(add, root)) == FINISHED
    assert fail_at(0, root.mkdir, errno.EIO) == FAULT


def swapping(folder: Path, good: dict[str, bytes], how: str) -> int:
    """A process that goes on swapping the files of a folder for others and back; its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        bad = {name: bytes(len(data)) for name, data in good.items()}
        while True:
            for files in (bad, good):
                for name, data in files.items():
                    with suppress(OSError):
                        _swap(folder / name, data, how)
    finally:
        os._exit(1)


def _swap(path: Path, data: bytes, how: str) -> None:
    spare, target = path.parent.parent.parent / "spare", path.parent.parent.parent / "target"
    if how == "write":
        path.write_bytes(data)
        return
    spare.unlink(missing_ok=True)
    if how == "link":
        target.write_bytes(data)
        spare.symlink_to(target)
    else:
        spare.write_bytes(data)
    spare.rename(path)


@pytest.mark.parametrize("how", ["rename", "write", "link"])
@pytest.mark.parametrize("way", ["add", "receive"])
def test_what_is_swapped_meanwhile_is_never_served(tmp_path: Path, how: str, way: str) -> None:
    # 204 rounds over all ways
    source = tmp_path / "source"
    made = write(source, "good" * 5000)
    good = {name: (source / name).read_bytes() for name in ("model/own", "model/same")}
    pid = swapping(source, good, how)
    kept = 0
    try:
        for number in range(34):
            store = Store(tmp_path / f"store{number}")
            try:
                if way == "add":
                    store.add(source)
                else:
                    receive(store, copying(source), (), lambda *_: None, made, first=lambda _: "")
            except (TrimtabError, OSError):
                assert store.list() == ()
                continue
            kept += 1
            bundle = store.resolve(made)
            assert {name: (bundle.folder / name).read_bytes() for name in good} == good
            assert not any(path.is_symlink() for path in bundle.folder.rglob("*"))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert kept < 34 or how == "link"


def copying(source: Path) -> Callable[[Path], None]:
    """What fills a folder without looking at what it copies."""

    def fill(folder: Path) -> None:
        for entry in walk(source):
            if entry.kind == "folder":
                (folder / entry.name).mkdir()
            else:
                (folder / entry.name).write_bytes((source / entry.name).read_bytes())

    return fill
