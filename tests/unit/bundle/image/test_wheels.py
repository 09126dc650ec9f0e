"""Wheels for a platform by name, and unpacked without running anything of them."""

import hashlib
import sys
import zipfile
from base64 import urlsafe_b64encode
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from trimtab.bundle.image.wheels import _refused, command_of, no_strangers, platforms, unpack, uv_platform
from trimtab.core.errors import OutsideError, UserError

pytest.importorskip("installer")  # stated reason: an extra of ours


def wheel(folder, name="small", files=None, scripts="small = small:main"):
    info = f"{name}-1.0.dist-info"
    parts = {f"{name}/__init__.py": b"", f"{name}-1.0.data/data/share/x": b"data", **(files or {})}
    parts[f"{name}-1.0.data/scripts/tool"] = b"#!python\nraise SystemExit('ran')\n"
    parts[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    parts[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    parts[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n".encode()
    lines = [f"{path},sha256={_hash(data)},{len(data)}" for path, data in parts.items()]
    parts[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]).encode()
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, data in parts.items():
            archive.writestr(place, data)
    return path


def _hash(data):
    return urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def test_platforms_reach_from_the_base_down_to_the_oldest():
    names = platforms("arm64", 28)
    assert names[:2] == ["manylinux_2_28_aarch64", "manylinux_2_27_aarch64"]
    assert names[-3:] == ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"]
    assert (uv_platform("arm64", 36), uv_platform("amd64", 17)) == ("aarch64-manylinux_2_28", "x86_64-manylinux_2_17")


def test_pip_is_asked_for_hashed_wheels_of_the_target_alone():
    command = command_of(Path("r.txt"), Path("out"), "arm64", 17, "3.12")
    assert command[0] == sys.executable
    text = " ".join(command)
    for words in ("--require-hashes", "--only-binary :all:", "--no-deps", "--python-version 3.12", "--abi cp312"):
        assert words in text
    assert "x86_64" not in text


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("x: No module named pip", OutsideError, "P279"),
        ("ERROR: No matching distribution found for lightgbm==4.5.0 (from -r x)", UserError, "`lightgbm==4.5.0`"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM ...\n    msgspec==1.0 from http",
            UserError,
            "`msgspec==1.0`",
        ),
        ("ERROR: cannot reach //user:secret@host/x", OutsideError, "cannot reach //host/x"),
    ],
)
def test_what_pip_says_becomes_an_error_of_ours(said, kind, words):
    error = _refused(said, "linux/arm64")
    assert type(error) is kind
    assert words in str(error)
    assert "secret" not in str(error)


def test_modules_and_data_are_written_and_scripts_are_not(tmp_path):
    target = tmp_path / "tree"
    target.mkdir()
    unpack([wheel(tmp_path)], target)
    files = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    info = "small-1.0.dist-info"
    assert files == ["share/x", *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")),
                     "small/__init__.py"]  # fmt: skip
    found = PathDistribution(target / info)
    assert (found.name, found.version) == ("small", "1.0")
    assert not any("bin" in str(path) for path in found.files)


def test_two_wheels_may_share_a_file_only_if_it_is_the_same(tmp_path):
    one, two, three = (
        wheel(tmp_path, name, {"shared.py": data}) for name, data in (("a", b"1"), ("b", b"1"), ("c", b"2"))
    )
    target = tmp_path / "tree"
    target.mkdir()
    unpack([one, two], target)
    with pytest.raises(UserError, match=r"two wheels have a file 'shared.py'"):
        unpack([three], target)


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a/../../out.py"])
def test_a_wheel_cannot_write_outside(tmp_path, name):
    target = tmp_path / "tree"
    target.mkdir()
    with pytest.raises((UserError, Exception)) as caught:
        unpack([wheel(tmp_path, files={name: b"evil"})], target)
    assert caught.value is not None
    assert list(tmp_path.rglob("out.py")) == []


def test_a_library_for_another_machine_is_named(tmp_path):
    (tmp_path / "x.so").write_bytes(b"\x7fELF\2\1\1" + bytes(9) + b"\3\0" + (183).to_bytes(2, "little"))
    no_strangers(tmp_path, "arm64")
    with pytest.raises(UserError, match=r"P277.*`x.so` is for arm64, not for amd64"):
        no_strangers(tmp_path, "amd64")
