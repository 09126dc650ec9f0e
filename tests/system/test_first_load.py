"""A bundle that came from elsewhere is loaded in a limited process first: what crashes, hangs or leaks is not kept."""

from __future__ import annotations

import functools
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.firstload import first_load
from trimtab.bundle.incoming import copy_bundle
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.proof.limits import Limits
from trimtab.bundle.read import Bundle
from trimtab.bundle.receiving import receive
from trimtab.bundle.store import Store
from trimtab.bundle.trust.door import Taken
from trimtab.core.errors import RefusedError, UserError

SMALL = Limits(wall_s=20.0, cpu_s=20, memory=512 << 20, file=1 << 22, files=1 << 24, processes=8)
MODEL = """import ctypes, json, os, socket, subprocess, sys, time


def predict(data):
    words = {"x": data["x"]}
    if os.path.exists(%r):
        exec(open(%r).read(), globals(), words)
    return words["x"]
"""


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bundle]:
    """A bundle that was good while it was packaged, and does this when it is loaded here."""
    root, mark = tmp_path_factory.mktemp("turned"), tmp_path_factory.mktemp("mark") / "now"
    (root / "model.py").write_text(MODEL % (str(mark), str(mark)))
    recipe = Recipe(name="m", root=root, model="model:predict", sample={"x": [1.0, 2.0]}, lock="off", compile=False)
    bundle = package(recipe, Store(root / ".trimtab"))

    def turned(mischief: str) -> Bundle:
        mark.write_text(mischief)
        return bundle

    return turned


def received(bundle: Bundle, root: Path, limits: Limits = SMALL) -> Bundle:
    """The bundle, taken into a new store."""
    fill, first = functools.partial(copy_bundle, bundle.folder), functools.partial(first_load, limits=limits)
    return receive(Store(root), fill, (), lambda *_: Taken(runs=True), first=first)


def refused(bundle: Bundle, root: Path, limits: Limits = SMALL) -> list[str]:
    """The codes of what is said, with what; nothing is kept, and nothing is left running."""
    with pytest.raises(RefusedError) as caught:
        received(bundle, root, limits)
    assert [path.name for path in root.rglob("*") if path.is_file()] == ["lock"]
    assert running(str(root)) == []
    return [f"{problem.code} {problem.what}" for problem in caught.value.problems]


def running(words: str) -> list[str]:
    """Processes with these words in their command line, once the kernel has had time to end one after the other."""
    end = time.monotonic() + 10
    while True:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                found.append(path.read_bytes().decode(errors="replace"))
        if not (left := [line for line in found if words in line]) or time.monotonic() > end:
            return left


def test_a_good_one_is_kept(turn: Any, tmp_path: Path) -> None:
    kept = received(turn("pass"), tmp_path / "other")
    assert (kept.untried, kept.folder.is_relative_to(tmp_path / "other")) == ("", True)


@pytest.mark.parametrize(
    ("mischief", "said"),
    [
        ("os.kill(os.getpid(), 9)", "P256 the clean process gave no answer: it ended with status 137"),
        ("ctypes.string_at(0)", "P256 the clean process gave no answer: it ended with status 139"),
        ("os._exit(0)", "P256 the clean process gave no answer: it ended with status 0"),
        ("x = x + 1", "P280 the answer differs"),
        ("sys.exit('bye')", "P259 the code fails in a clean process: SystemExit"),
        ("open('big', 'wb').write(bytes(1 << 23))", "P259 the code fails in a clean process: OSError: [Errno 27]"),
    ],
)
def test_a_crash_and_a_wrong_answer_are_refused(turn: Any, tmp_path: Path, mischief: str, said: str) -> None:
    first, second, *_ = refused(turn(mischief), tmp_path / "other")
    assert first == "P298 the first load of the bundle failed, and nothing was kept"
    assert second.startswith(said)


@pytest.mark.parametrize(
    ("mischief", "limits", "said"),
    [
        ("time.sleep(100)", {"wall_s": 2.0}, "it took longer than 2 s"),
        ("kept = [bytearray(b'x' * (1 << 24)) for _ in range(1000)]", {}, "it took more than 512 MiB of memory"),
        ("kept = bytearray(1 << 31)", {}, "out of memory"),
        ("[os.fork() for _ in range(4)]; time.sleep(100)", {}, "it started more than 8 processes"),
        ("[subprocess.Popen(['sleep', '97'], start_new_session=True) for _ in range(9)]; time.sleep(100)", {},
         "it started more than 8 processes"),
        ("[open(str(n), 'wb').write(b'x' * (1 << 22)) for n in range(8)]; time.sleep(100)", {},
         "it wrote more than 16 MiB of files"),
    ],
)  # fmt: skip
def test_what_takes_more_than_it_may_is_ended_and_refused(
    turn: Any, tmp_path: Path, mischief: str, limits: dict[str, float], said: str
) -> None:
    start = time.monotonic()
    (only,) = refused(turn(mischief), tmp_path / "other", replace(SMALL, **limits))
    assert only.startswith(f"P299 the first load went over its limits: {said}")
    assert time.monotonic() - start < 15


def test_what_it_started_ends_with_it_though_it_hides(turn: Any, tmp_path: Path) -> None:
    # the second child is an orphan in a session of its own, out of reach of signals to the group
    start = "[sys.executable, '-c', 'import os, time; os.fork() and os._exit(0); os.setsid(); time.sleep(83)']"
    received(turn(f"subprocess.run({start}, close_fds=True)"), tmp_path / "other")
    assert running("sleep(83)") == []


@pytest.fixture
def port() -> Any:
    """A service on loopback; nobody must come."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as server:
        server.settimeout(0.1)
        yield server.getsockname()[1]
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_question_to_the_network_is_refused_with_its_line(turn: Any, tmp_path: Path, port: int) -> None:
    words = f"socket.socket().connect(('127.0.0.1', {port}))"
    _, problem = refused(turn(words), tmp_path / "other")
    assert problem == f"P260 the prediction asks the network: it wants to reach `127.0.0.1:{port}`"


class Calls:
    """A pickle that calls the network when it is read."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __reduce__(self) -> tuple[Any, ...]:
        return socket.create_connection, (("127.0.0.1", self.port), 0.2)


def forged(bundle: Bundle, folder: Path, files: dict[str, bytes], **changes: Any) -> Bundle:
    """A bundle of other files that is whole by its own manifest."""
    shutil.copytree(bundle.folder, folder)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(content)
    (folder / "bundle.json").chmod(0o644)
    write_manifest(folder, msgspec.structs.replace(bundle.manifest, **changes))
    return Store(folder).resolve(str(folder))


def test_a_model_file_that_asks_the_network_is_refused(turn: Any, tmp_path: Path, port: int) -> None:
    files = {"model/model.pkl": pickle.dumps(Calls(port))}
    options = {"format": "pickle", "method": "predict"}
    evil = forged(turn("pass"), tmp_path / "evil", files, flavour="sklearn", options=options)
    (first, *rest) = refused(evil, tmp_path / "other")
    assert first.startswith("P298")
    assert rest == [f"P260 the prediction asks the network: it wants to look up `127.0.0.1:{port}`"]


def test_without_its_requirements_a_bundle_is_kept_and_says_that_it_was_not_tried(turn: Any, tmp_path: Path) -> None:
    bundle = turn("pass")
    lock = f"not-there==1.0 \\\n    --hash=sha256:{'0' * 64}\n".encode()
    changed = forged(bundle, tmp_path / "b", {"requirements.txt": lock}, lock="0" * 64)
    kept = received(changed, tmp_path / "other")
    assert kept.untried == "1 of its requirements are not installed here: `not-there==1.0`"
    assert Store(tmp_path / "other").resolve(kept.digest).untried == kept.untried


def test_with_other_versions_a_wrong_answer_may_be_theirs_but_a_crash_is_not(turn: Any, tmp_path: Path) -> None:
    for mischief, word in (("x = x + 1", "kept"), ("os.abort()", "refused")):
        bundle = turn(mischief)
        lock = f"numpy==0.1 \\\n    --hash=sha256:{'0' * 64}\n".encode()
        changed = forged(bundle, tmp_path / f"b{word}", {"requirements.txt": lock}, lock="0" * 64)
        if word == "kept":
            assert "with other versions than it was locked with" in received(changed, tmp_path / word).untried
        else:
            assert refused(changed, tmp_path / word)[0].startswith("P298")


def test_what_no_lock_names_and_is_not_installed_is_no_fault_of_the_bundle(turn: Any, tmp_path: Path) -> None:
    kept = received(turn("import not_installed_here"), tmp_path / "other")
    assert kept.untried.startswith("`not_installed_here` is not installed here, and the bundle has no lock")


PLANTED = "open({canary!r}, 'w').write(__name__)\n"
PROGRAM = """import pathlib, sys
from trimtab.bundle import incoming, receiving, store
from trimtab.bundle.trust.door import Taken
source, root = map(pathlib.Path, sys.argv[1:])
fill = lambda folder: incoming.copy_bundle(source, folder)
print(receiving.receive(store.Store(root), fill, (), lambda *_: Taken(runs=True)).untried or "tried")
"""


def test_the_environment_and_the_working_folder_have_no_say_in_it(turn: Any, tmp_path: Path) -> None:
    seen = "(sys.flags.isolated, sorted(set(os.environ) & set('PYTHONPATH PYTHONSTARTUP LD_PRELOAD SECRET'.split())))"
    there = "os.listdir('.') == [] and os.environ['TMPDIR'] == os.path.dirname(os.getcwd())"
    bundle = turn(f"assert {seen} == (1, []) and {there}")
    evil, canary = tmp_path / "evil", tmp_path / "canary"
    evil.mkdir()
    for name in ("json", "sitecustomize", "usercustomize", "numpy", "ctypes", "socket"):
        (evil / f"{name}.py").write_text(PLANTED.format(canary=str(canary)))
    (evil / "x.pth").write_text(f"import os; open({str(canary)!r}, 'w')\n")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, str(bundle.folder), str(tmp_path / "other")],
        cwd=evil,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(evil), "PYTHONSTARTUP": str(evil / "json.py"),
             "LD_PRELOAD": "", "SECRET": "1", "HOME": str(evil)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("tried\n", "")
    assert not canary.exists()


def test_code_of_a_bundle_with_the_name_of_the_interpreters_own_is_not_run(turn: Any, tmp_path: Path) -> None:
    bundle = turn("pass")
    canary = tmp_path / "canary"
    line = PLANTED.format(canary=str(canary)).encode()
    names = ("sitecustomize.py", "usercustomize.py", "x.pth")
    quiet = forged(bundle, tmp_path / "quiet", {f"code/{name}": line for name in names})
    assert received(quiet, tmp_path / "one").untried == ""
    loud = forged(bundle, tmp_path / "loud", {"code/json.py": line})
    with pytest.raises((RefusedError, UserError), match="P240"):
        received(loud, tmp_path / "two")
    assert not canary.exists()
