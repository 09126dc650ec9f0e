"""Bundles written to do harm, and what `trimtab load` says of them, at what price."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.cli.main import run

MOST_MB, MOST_S = 60, 5.0
CHILD = """
import json, resource, sys
import trimtab.bundle.oci.carried, trimtab.cli.load
from trimtab.cli.main import run
before = resource.getrusage(resource.RUSAGE_SELF)
status = run(sys.argv[1:])
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([status, (after.ru_maxrss - before.ru_maxrss) / 1024,
    after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime]))
"""


def left(store: Path) -> list[str]:
    """Files in a store, beside its lock."""
    return [str(path) for path in store.rglob("*") if path.is_file() and path.name != "lock"]


@pytest.fixture
def load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs `trimtab load` here: exit status, and what it said; nothing may stay of a refusal, and it must be cheap."""

    def loaded(path: Path, *words: str) -> tuple[int, str]:
        store = tmp_path / "taken"
        tracemalloc.start()
        start = time.process_time()
        status = run(["load", str(path), "--store", str(store), *words])
        took, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert (peak < MOST_MB * 2**20, took < MOST_S) == (True, True), (peak, took)
        assert status == 0 or left(store) == []
        return status, said.err

    return loaded


@pytest.fixture
def refused(load: Callable[..., tuple[int, str]]) -> Callable[..., str]:
    """What is said of a file that is refused."""

    def said(path: Path, *words: str) -> str:
        status, err = load(path, *words)
        assert status == 2, err
        return err

    return said


@pytest.fixture
def refused_apart(tmp_path: Path) -> Callable[[Path], str]:
    """The same in a process of its own, whose memory and processor time the system counts."""

    def said(path: Path) -> str:
        command = [sys.executable, "-c", CHILD, "load", str(path), "--store", str(tmp_path / "taken")]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
        status, more_mb, cpu_s = json.loads(ran.stdout.splitlines()[-1])
        assert status == 2, ran.stderr
        assert (more_mb < MOST_MB, cpu_s < MOST_S) == (True, True), (more_mb, cpu_s)
        assert left(tmp_path / "taken") == []
        return ran.stderr

    return said


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, dict[str, bytes]], Path]:
    """Writes a bundle of these files, which nothing can load; its folder."""

    def write_files(name: str, files: dict[str, bytes]) -> Path:
        for place, data in files.items():
            path = tmp_path / name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        field = {"name": "x", "dtype": "FP64"}
        plain = {"inputs": [field], "outputs": [field], "container": "arrays"}
        write_manifest(tmp_path / name, Manifest(name="evil", flavour="python", signature=plain, files={}))
        return tmp_path / name

    return write_files


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Bundle], Path]:
    """The archive of a bundle."""

    def archive(bundle: Bundle) -> Path:
        source = BundleSource(bundle)
        write_archive([Content(source, source.root)], tmp_path / "evil.tar")
        return tmp_path / "evil.tar"

    return archive


@pytest.fixture
def save_named(write: Callable[..., Path], save: Callable[[Bundle], Path]) -> Callable[..., Path]:
    """The archive of a bundle whose only content has these names too, which nobody has looked at."""

    def archive(*names: str) -> Path:
        bundle = open_bundle(write("bundle", {"data": b"x = 1\n"}))
        content = bundle.manifest.files["data"]
        files = {**dict.fromkeys(names, content), "data": content}
        return save(replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, files=files)))

    return archive


@pytest.fixture
def archive(write: Callable[..., Path], save: Callable[[Bundle], Path]) -> Path:
    """A good one."""
    return save(open_bundle(write("good", {"code/own.py": b"x = 1\n", "model/weights": bytes(1000)})))
