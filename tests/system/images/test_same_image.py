"""The same bundle and base give the same image; a new model changes its own layer alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from tests.system.others import NOBODY

from trimtab.bundle.image.elf import machine_of

LATER_S = 400 * 86_400.0
# the command line at another date: what asks for the time gets another one
LATER = f"""
import sys, time
now = time.time
time.time = lambda: now() + {LATER_S}
from trimtab.cli.main import main
main()
"""


def blobs(layout: Path) -> dict[str, int]:
    """Digest and size of everything in an OCI layout."""
    return {path.name: path.stat().st_size for path in (layout / "blobs/sha256").iterdir()}


def layers(layout: Path, said: dict) -> dict[str, Path]:
    """Our layers by name."""
    return {one["name"]: layout / "blobs/sha256" / one["digest"].removeprefix("sha256:") for one in said["layers"]}


def elsewhere(shop, folder: Path, base: Path, python: Path = Path(sys.executable)) -> list[str]:
    """A command that makes the same image in another folder, with a store of its own, out of a copy of the bundle.

    The files of the copy, and the clock of the command, are of another date.
    """
    folder.mkdir()
    shutil.copytree(shop.bundle.folder, folder / "bundle")
    shutil.copy(shop.project / "trimtab.toml", folder)
    for path in folder.rglob("*"):
        os.utime(path, (LATER_S, LATER_S))
    words = [
        str(python),
        "-c",
        LATER,
        "image",
        "./bundle",
        "--base",
        str(base),
        "--store",
        "shelf",
        "-o",
        "out",
        "--json",
    ]
    return ["sh", "-c", 'umask 077; cd "$0"; exec "$@"', str(folder), *words]


def kill(command: list[str], env: dict[str, str], delay_s: float) -> None:
    """Begin it, and end it with all that it started, wherever it is after that time."""
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def settings(folder: Path) -> dict[str, str]:
    """Another home, time zone and language; pip and uv still find what they are told there."""
    config = os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))
    here = {"HOME": str(folder), "XDG_CONFIG_HOME": config, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    return {**os.environ, **here}


def alone(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command as somebody else, where root may make somebody else of it."""
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False, **other)


def test_two_folders_users_and_environments_give_one_image_though_some_builds_were_killed(
    shop, base, tmp_path, program, ground, python
):
    here = shop.image(base("amd64"), "-o", str(tmp_path / "here"))
    folder = ground / "else where, ünder"
    shutil.copytree(base("amd64"), ground / "base")
    command = elsewhere(shop, folder, ground / "base", python)
    env = {**settings(folder), "LD_LIBRARY_PATH": str(python.parents[1] / "lib")}
    for delay_s in (0.7, 1.5, 3.0):
        kill(command, env, delay_s)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*"), ground / "base", *(ground / "base").rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    done = alone(command, env)
    assert done.returncode == 0, done.stderr
    assert {path.stat().st_uid for path in (folder / "out").rglob("*")} == {
        NOBODY if os.geteuid() == 0 else os.getuid()
    }
    assert list((folder / "shelf/incoming").iterdir()) == []
    there = json.loads(done.stdout)
    assert there["digest"] == here["digest"]
    assert blobs(folder / "out") == blobs(tmp_path / "here")
    skopeo = program("skopeo")
    target = f"oci:{tmp_path}/copied:latest"
    subprocess.run([skopeo, "copy", "--quiet", f"oci:{folder}/out:latest", target], check=True)
    found = subprocess.run([skopeo, "inspect", target], check=True, capture_output=True, text=True).stdout
    assert json.loads(found)["Digest"] == here["digest"]


def test_a_new_model_ships_its_own_layer_alone(shop, base, tmp_path, remodelled):
    out = ["-o", str(tmp_path / "out")]
    before = shop.image(base("amd64"), *out)
    there = blobs(tmp_path / "out")
    after = remodelled.image(base("amd64"), *out, "--tag", "next")
    assert after["digest"] != before["digest"]
    old, new = ({one["name"]: one["digest"] for one in said["layers"]} for said in (before, after))
    assert [name for name in old if old[name] != new[name]] == ["model"]
    added = {name: size for name, size in blobs(tmp_path / "out").items() if name not in there}
    assert len(added) == 3  # layer, config, manifest
    assert sum(added.values()) < 20_000


def test_every_member_has_the_owner_time_and_mode_that_it_should(shop, base, tmp_path):
    said = shop.image(base("amd64"), "-o", str(tmp_path / "out"))
    files = layers(tmp_path / "out", said)
    assert list(files) == ["libraries", "trimtab", "settings", "model"]
    for name, path in files.items():
        with tarfile.open(path) as tar:
            members = tar.getmembers()
        assert {(one.uid, one.gid, one.mtime, one.uname) for one in members} == {(0, 0, 0, "")}
        assert {one.mode & 0o022 for one in members if not one.issym()} == {0}, name
        if name == "model":
            assert {one.mode for one in members if one.isreg()} == {0o444}
            expected = {f"models/small/{entry}" for entry in (*shop.bundle.manifest.files, "bundle.json")}
            expected.add(f"opt/trimtab/.trimtab/origins/{shop.bundle.digest.removeprefix('sha256:')}.json")
            assert {one.name for one in members if one.isreg()} == expected


def test_an_image_for_the_other_processor_holds_its_libraries_alone(shop, base, tmp_path):
    said = shop.image(base("arm64"), "--arch", "arm64", "-o", str(tmp_path / "out"))
    machines: dict[str, str] = {}
    for path in layers(tmp_path / "out", said).values():
        with tarfile.open(path) as tar:
            for one in tar:
                file = tar.extractfile(one) if one.isreg() else None
                if file and (machine := machine_of(file.read(20))):
                    machines[one.name] = machine
    assert len(machines) > 20
    assert set(machines.values()) == {"arm64"}
    (notes,) = (one["notes"] for one in said["layers"] if one["name"] == "trimtab")
    assert "numpy computes forests and linear models" in notes[0]
