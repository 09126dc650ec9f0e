"""`trimtab key` as a user types it: at once in many processes, killed at any step, on a disk that fails at any step."""

import errno
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests.doubles.nth import FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of

from trimtab.bundle.secrets.scan import scan
from trimtab.cli.keymaking import Wanted, make_key
from trimtab.server.guard.keys.book import change_keys, load_keys, revoked
from trimtab.server.guard.keys.ring import KeyFault, KeyRing
from trimtab.server.guard.keys.text import id_of
from trimtab.server.guard.principal import Grant, Known

GRANTS = (Grant("infer", "churn-*"),)
TRIMTAB = (sys.executable, "-X", "dev", "-W", "error", "-m", "trimtab")
LIKE_A_KEY = re.compile(rb"tt_[0-9a-z]{8}_[A-Za-z0-9_-]{51}")


def typed(folder, *words):
    """What a command line prints, which must end well and warn of nothing."""
    ran = subprocess.run((*TRIMTAB, "key", *words), cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def ring(path):
    return KeyRing(path, lambda *_: None)


def test_a_key_from_its_making_to_its_end(tmp_path):
    key = typed(tmp_path, "add", "shop", "--scope", "infer:churn-*", "--expires", "90d").removesuffix("\n")
    taken = ring(tmp_path / ".trimtab/keys.json")
    known = taken.check(key)
    assert (known.principal.name, known.principal.grants) == ("key:shop", GRANTS)
    assert id_of(key) in typed(tmp_path, "list")
    further = json.loads(typed(tmp_path, "add", "shop", "--overlap", "24h", "--json"))["key"]
    taken.look()
    assert all(isinstance(taken.check(one), Known) for one in (key, further))
    typed(tmp_path, "revoke", id_of(key))
    taken.look()
    assert taken.check(key) == KeyFault("revoked")
    assert isinstance(taken.check(further), Known)
    assert [one["state"] for one in json.loads(typed(tmp_path, "list", "--json"))["keys"]] == ["revoked", "active"]


def test_eight_that_add_at_once_lose_none(tmp_path):
    command = [*TRIMTAB, "key", "add", "shop", "--scope", "read"]
    running = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    keys = [one.communicate(timeout=120)[0].strip() for one in running]
    taken = ring(tmp_path / ".trimtab/keys.json")
    assert len(set(keys)) == 8
    assert all(isinstance(taken.check(key), Known) for key in keys)


def test_eight_that_add_and_revoke_over_and_over_lose_none_and_a_reader_sees_no_half(tmp_path):
    path = tmp_path / "keys.json"
    make_key(path, Wanted("first", GRANTS, 100))
    logged = []
    reader = KeyRing(path, lambda *line: logged.append(line))
    pids = []
    for number in range(8):
        if (pid := os.fork()) == 0:
            try:
                for _ in range(10):
                    make_key(path, Wanted(f"n{number}", GRANTS, 100))
                change_keys(path, lambda keys: revoked(keys, f"n{number}", 200)[0])  # noqa: B023 - in this process
            except BaseException:  # noqa: BLE001 - told by the status
                os._exit(1)
            os._exit(0)
        pids.append(pid)
    statuses = {}
    while len(statuses) < 8:
        reader.look()
        for pid in pids:
            if pid not in statuses and (found := os.waitpid(pid, os.WNOHANG))[0]:
                statuses[pid] = found[1]
    assert set(statuses.values()) == {0}
    keys = load_keys(path)
    assert sorted(key.name for key in keys) == sorted(
        ["first", *(f"n{number}" for number in range(8) for _ in range(10))]
    )
    assert [key.name for key in keys if key.revoked is None] == ["first"]
    assert {event for event, _ in logged} == {"keys changed"}


def begin(folder):
    """A file with one key, and what stands in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    make_key(folder / "keys.json", Wanted("old", GRANTS, 100))
    return load_keys(folder / "keys.json")


def add(folder):
    make_key(folder / "keys.json", Wanted("new", GRANTS, 200, file=folder / "key"))


def revoke(folder):
    change_keys(folder / "keys.json", lambda keys: revoked(keys, "old", 300)[0])


ACTIONS = {"add": add, "revoke": revoke}


def after(folder, action, before):
    """Whether the action has happened; the file has nothing in between, and the next change finds its way."""
    path = folder / "keys.json"
    keys = load_keys(path)
    if happened := keys != before:
        assert [key.name for key in keys] == (["old", "new"] if action == "add" else ["old"])
        assert keys[0].revoked == (300 if action == "revoke" else None)
    assert path.stat().st_mode & 0o777 == 0o600
    if (folder / "key").exists() and happened:
        assert isinstance(ring(path).check((folder / "key").read_text().strip()), Known)
    make_key(path, Wanted("next", GRANTS, 400))
    assert load_keys(path)[:-1] == keys
    assert {one.name for one in folder.iterdir()} <= {"keys.json", ".keys.json.lock", "key"}
    return happened


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_killed_at_any_step_the_old_file_is_there_or_the_new_one(tmp_path, action):
    folder = tmp_path / "work"
    begin(folder)
    total = steps_of(functools.partial(ACTIONS[action], folder))
    assert total > 5
    outcomes = []
    for number in range(total):
        before = begin(folder)
        assert kill_at(number, functools.partial(ACTIONS[action], folder)) == KILLED
        outcomes.append(after(folder, action, before))
        assert action == "revoke" or (folder / "key").exists() >= outcomes[-1]  # no entry without its key
    assert outcomes == sorted(outcomes)  # not done, up to one step, and done from there on
    assert set(outcomes) == {False, True}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_disk_that_fails_at_any_step_is_named_and_nothing_is_half_done(tmp_path, action):
    folder = tmp_path / "work"
    begin(folder)
    total = steps_of(functools.partial(ACTIONS[action], folder))
    refused = 0
    for number in range(total):
        before = begin(folder)
        ended = fail_at(number, functools.partial(ACTIONS[action], folder), errno.ENOSPC)
        assert ended in (REFUSED, FINISHED), f"step {number}"
        refused += ended == REFUSED
        assert after(folder, action, before) or ended == REFUSED
        if action == "add":  # who is told no has no key, though its entry may be there: nobody can use that
            assert (folder / "key").exists() == (ended == FINISHED)
    assert refused >= total - 2


def found_in(folder):
    """Whatever in the files of a folder looks like a secret to us, or is a key whose checksum is right."""
    hits = []
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            hits += [f"{path}: {one.decode()[:11]}" for one in LIKE_A_KEY.findall(data) if id_of(one.decode())]
            hits += [f"{path}: {hit.kind}" for hit in scan(data, text=b"\0" not in data[:4096]) if "src" in path.parts]
            assert path.name != "keys.json"
    return hits


def test_nothing_that_is_shipped_looks_like_a_key(root, tmp_path):
    """The folder that a wheel is made of, and a source distribution that the build backend makes."""
    assert found_in(root / "src") == []
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path / "made")]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    (archive,) = (tmp_path / "made").glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path / "sdist", filter="data")
    assert len(list((tmp_path / "sdist").rglob("*.py"))) > 100
    assert found_in(tmp_path / "sdist") == []


def test_a_key_that_is_shipped_would_be_found(tmp_path):
    made = make_key(tmp_path / "ring.json", Wanted("ci", GRANTS, 100))
    (tmp_path / "src").mkdir()
    (tmp_path / "src/own.py").write_text(f'KEY = "{made.key.reveal()}"\n')
    assert [hit.rpartition(": ")[2] for hit in found_in(tmp_path)] == [made.key.reveal()[:11], "key of trimtab"]
