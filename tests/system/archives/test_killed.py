"""A load or save that is killed at any write, sync or rename leaves what was there before, or all of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.read import open_bundle

# forks a child for each call into the system, which dies there without cleaning up; then looks at what is left
DIE = """
import json, os, shutil, signal, sys
from pathlib import Path
from trimtab.bundle.evidence import evidence_of
from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.carried import take
from trimtab.bundle.oci.contents import contents_of
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store

what, archive, folder, place = sys.argv[1], *map(Path, sys.argv[2:])
CALLS = {"open", "write", "writelines", "flush", "fsync", "rename", "mkdir", "rmdir", "unlink", "fchmod", "chmod",
    "pread", "flock", "close", "mkstemp", "scandir"}

def load():
    take(archive, Store(place), lambda *_: None)

def save():
    source = BundleSource(open_bundle(folder))
    write_archive([Content(source, source.root)], place / "m.tar")

def loaded():
    store = Store(place)
    listed = [entry.digest for entry in store.list()]
    # a bundle that is there has the documents about it
    return [[store.resolve(one).digest, len(evidence_of(place, one))] for one in listed]

def saved():
    if not (place / "m.tar").exists():
        return []
    with Archive(place / "m.tar") as found:
        return [contents_of(found).root.digest]

act, look = (load, loaded) if what == "load" else (save, saved)

def dying(at):
    left = at
    def hook(frame, event, function):
        nonlocal left
        if event == "c_call" and function.__name__ in CALLS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(hook)
    act()
    os._exit(0)

seen = []
for at in range(2000):
    child = os.fork()
    if child == 0:
        dying(at)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seen.append(look())
    if status == 0:
        break
    if seen[-1]:  # begin anew, so that every step of a first one is met
        shutil.rmtree(place)
        place.mkdir()
left = sorted(path.name for path in (place / "incoming").glob("*"))
print(json.dumps({"status": status, "seen": seen, "left": left}))
"""


@pytest.fixture
def deaths(tmp_path, write):
    """deaths("load"): what was there after each death, with the digest that it should have."""
    folder = write("good", {"code/own.py": b"x = 1\n", "model/weights": bytes(3000)})
    source = BundleSource(open_bundle(folder), (Evidence("application/x.signature", b"sig"),))
    write_archive([Content(source, one) for one in (source.root, *source.referrers)], tmp_path / "m.tar")
    (tmp_path / "place").mkdir()

    def run(what):
        command = [sys.executable, "-c", DIE, what, *map(str, (tmp_path / "m.tar", folder, tmp_path / "place"))]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout), open_bundle(folder).digest, source.root.digest

    return run


def test_a_load_that_is_killed_leaves_a_whole_bundle_with_its_evidence_or_none(deaths):
    told, digest, _ = deaths("load")
    assert told["status"] == 0
    assert len(told["seen"]) > 100
    assert {json.dumps(one) for one in told["seen"]} == {"[]", json.dumps([[digest, 1]])}
    assert told["left"] == []


def test_a_save_that_is_killed_leaves_a_whole_archive_or_none(deaths):
    told, _, root = deaths("save")
    assert told["status"] == 0
    assert len(told["seen"]) > 30
    assert {json.dumps(one) for one in told["seen"]} == {"[]", json.dumps([root])}
