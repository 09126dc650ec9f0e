"""Hostile bundles are looked at from outside, and a bundle that is swapped while it is brought in."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from trimtab.bundle.files import digest_folder
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest, canonical, signature_to_plain
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store
from trimtab.cli.trusting import trusted
from trimtab.core.errors import TrimtabError
from trimtab.core.signature import Field, Signature

ROUNDS = 40
FRAMEWORKS = {"sklearn", "joblib", "pandas", "torch", "xgboost", "lightgbm", "onnxruntime", "skops", "scipy"}
SIGNATURE = signature_to_plain(Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays"))
SPRING = "import pathlib; pathlib.Path({canary!r}).touch()\n"


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return (os.mknod, (str(self.canary),))


@pytest.fixture
def hostile(workshop, tmp_path):
    """A folder with a bundle that runs something wherever it is looked into too far, and traps around it."""
    canary = tmp_path / "canary"
    spring = SPRING.format(canary=str(canary))
    workshop.write(model="def predict(rows):\n    return rows['x']\n")
    workshop.lock_everything()
    good = workshop.package()
    here = tmp_path / "hostile"
    folder = here / "evil"
    shutil.copytree(good.folder, folder)
    shutil.rmtree(workshop.store.root)
    manifest = json.loads((folder / "bundle.json").read_text())
    # what is Python inside, and around the folder in which somebody types
    for name in ("model.py", "json.py", "sitecustomize.py", "usercustomize.py", "trimtab.py", "msgspec.py"):
        (here / name).write_text(spring)
    for name in ("model.py", "sitecustomize.py"):
        (folder / "code" / name).write_text(spring)
    (folder / "model").mkdir(exist_ok=True)
    for protocol in range(6):
        (folder / f"model/model{protocol}.pkl").write_bytes(pickle.dumps(Bomb(canary), protocol))
    (folder / "golden/request.pkl").write_bytes(pickle.dumps(Bomb(canary)))
    files = {name: {"sha256": one.sha256, "size": one.size} for name, one in digest_folder(folder).items()}
    (folder / "bundle.json").chmod(0o644)
    (folder / "bundle.json").write_bytes(canonical(manifest | {"files": files}))
    return here


def typed(here, *words):
    program = Path(sys.executable).with_name("trimtab")
    return subprocess.run([program, *words], cwd=here, capture_output=True, text=True, check=False, timeout=120)


def test_nothing_of_a_hostile_bundle_runs_whatever_is_typed(hostile):
    said = typed(hostile, "inspect", "./evil", "--json")
    assert said.returncode == 0, said.stderr
    assert {"code/model.py", "code/sitecustomize.py", "model/model0.pkl", "golden/request.pkl"} <= set(
        json.loads(said.stdout)["code"]
    )
    assert typed(hostile, "inspect", "./evil").returncode == 0
    (hostile / "rows.jsonl").write_text('{"x": 1.0}\n')
    for words in (
        ("verify", "./evil"),
        ("check", "./evil"),
        ("serve", "./evil", "--port", "0"),
        ("score", "./evil", "rows.jsonl", "-o", "out.parquet"),
        ("tune", "./evil", "--budget", "5s"),
    ):
        said = typed(hostile, *words)
        assert (said.returncode, "P295" in said.stderr) == (1, True), (words, said.stderr)
    assert not (hostile.parent / "canary").exists()
    # the traps do spring: where somebody says that code may run, it does
    (hostile / ".trimtab/trust.toml").write_text("allow_code = true\n")
    typed(hostile, "score", "./evil", "rows.jsonl", "-o", "out.parquet")
    assert (hostile.parent / "canary").exists()


def test_inspecting_imports_no_framework(hostile):
    code = """import json, sys; from trimtab.cli.main import run; run(['inspect', './evil'])
print(json.dumps([*sys.modules]))"""
    command = [sys.executable, "-P", "-c", code]
    ran = subprocess.run(command, cwd=hostile, capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}
    assert loaded & FRAMEWORKS == set()
    assert not (hostile.parent / "canary").exists()


def test_a_swap_while_a_folder_is_brought_in_is_never_what_is_loaded(tmp_path):
    old, new = b"old " * 5000, b"new " * 5000
    refused = 0
    for number in range(ROUNDS):
        here = tmp_path / str(number)
        folder = here / "bundle"
        (folder / "model").mkdir(parents=True)
        (folder / "model/model.txt").write_bytes(old)
        write_manifest(folder, Manifest(name="m", flavour="lightgbm", signature=SIGNATURE, files={}))
        store = Store(here / "store")
        started = threading.Event()

        def swap(folder: Path = folder, started: threading.Event = started, turns: int = number % 20) -> None:
            started.wait()
            for _ in range(turns * 200):
                pass
            (folder / "draft").write_bytes(new)
            (folder / "draft").rename(folder / "model/model.txt")

        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            bundle = open_bundle(folder)
            started.set()
            found = trusted(bundle, store, None)
            assert (found.folder / "model/model.txt").read_bytes() == old
            assert found.folder.is_relative_to(store.root)
        except TrimtabError:
            refused += 1
        finally:
            started.set()
            swapper.join()
        for kept in store.root.glob("bundles/sha256/*/model/model.txt"):
            assert kept.read_bytes() == old
        shutil.rmtree(here)
    print(f"{refused} of {ROUNDS} swaps were refused, the others came too late")
    assert refused
