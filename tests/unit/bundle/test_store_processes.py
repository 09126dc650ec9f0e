"""Many processes at one store, and processes that die: a bundle is there whole, or not at all."""

import json
import subprocess
import sys

import pytest

from trimtab.bundle.store import Store

ADD = """
import sys
from pathlib import Path
from trimtab.bundle.store import Store

root, source = map(Path, sys.argv[1:])
sys.stdin.readline()
for _ in range(10):
    print(Store(root).add(source))
"""

# forks a child for each event of the file system, which dies there without cleaning up; then looks at the store
DIE = """
import json, os, signal, sys
from pathlib import Path
from trimtab.bundle.store import Store

root, source = map(Path, sys.argv[1:])
EVENTS = {"open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "shutil.copyfile", "os.scandir"}

def dying(at):
    left = at
    def hook(event, arguments):
        nonlocal left
        if event in EVENTS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    store = Store(root)
    digest = store.add(source)
    store.tag("m", "latest", digest)
    os._exit(0)

seen = []
for at in range(1000):
    child = os.fork()
    if child == 0:
        dying(at)
    status = os.waitpid(child, 0)[1]
    store = Store(root)
    listed = [entry.digest for entry in store.list()]
    named = (root / "names" / "m" / "latest").exists()
    sound = [store.resolve(digest).digest for digest in listed]
    seen.append({"listed": listed, "sound": sound, "latest": store.resolve("m").digest if named else ""})
    if os.waitstatus_to_exitcode(status) == 0:
        break
    if listed:  # begin anew, so that every step of a first add is met
        os.system(f"rm -rf '{root}/bundles' '{root}/names'")
print(json.dumps(seen))
"""


def run(code, *arguments, **options):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], text=True, **options)


def test_processes_that_add_one_bundle_at_once_get_one_folder(tmp_path, write_bundle):
    digest = write_bundle(tmp_path / "made")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    children = [run(ADD, tmp_path / "store", tmp_path / "made", **pipes) for _ in range(3)]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=60)[0].split() for child in children]
    assert answers == [[digest] * 10] * 3
    assert [child.returncode for child in children] == [0, 0, 0]
    store = Store(tmp_path / "store")
    assert [entry.digest for entry in store.list()] == [digest]
    assert store.resolve(digest).digest == digest
    assert list((store.root / "incoming").iterdir()) == []


@pytest.fixture(scope="module")
def deaths(tmp_path_factory, write_bundle):
    """What lies in the store after a process was killed at its first, second, third ... step."""
    folder = tmp_path_factory.mktemp("deaths")
    digest = write_bundle(folder / "made")
    child = run(DIE, folder / "store", folder / "made", stdout=subprocess.PIPE)
    out, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    return folder / "store", digest, json.loads(out)


def test_a_process_that_is_killed_at_any_step_leaves_a_whole_bundle_or_none(deaths):
    _, digest, seen = deaths
    assert len(seen) > 20
    assert {tuple(one["listed"]) for one in seen} == {(), (digest,)}
    assert all(one["sound"] == one["listed"] for one in seen)
    assert {one["latest"] for one in seen} == {"", digest}
    assert seen[0] == {"listed": [], "sound": [], "latest": ""}
    assert seen[-1] == {"listed": [digest], "sound": [digest], "latest": digest}


def test_what_the_dead_left_is_swept_by_the_next_one(deaths):
    assert list((deaths[0] / "incoming").iterdir()) == []
