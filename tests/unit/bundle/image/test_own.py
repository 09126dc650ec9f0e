"""trimtab's own layer: what goes in, and when the native kernels do."""

import importlib.util

import pytest

from trimtab.bundle.image.own import FLAGS, copy_package, kernel_note, package_digest
from trimtab.core.errors import OutsideError


def elf(machine, glibc=17):
    return b"\x7fELF\2\1\1" + bytes(9) + b"\3\0" + machine.to_bytes(2, "little") + f"\0GLIBC_2.{glibc}\0".encode()


def test_the_package_travels_with_its_metadata_and_without_what_was_compiled(tmp_path):
    copy_package(tmp_path, "amd64", 36)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"trimtab/__main__.py", "trimtab/server/probe.py", "trimtab-0.1.0.dist-info/METADATA"} <= names
    assert not any("__pycache__" in name for name in names)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o644}
    assert "cli/main.py" in package_digest()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (elf(62), ""),
        (elf(62, 38), "need glibc 2.38, the base has 2.36"),
        (elf(183), "those of this machine are for arm64"),
        (b"no library", "are for no machine"),
    ],
)
def test_kernels_that_the_image_cannot_load_are_left_out_and_it_is_said(data, said):
    note = kernel_note(data, "amd64", 36)
    assert said in note
    assert bool(note) == bool(said)


def test_without_fitting_kernels_numpy_is_named(tmp_path):
    (note,) = copy_package(tmp_path, "arm64" if importlib.util.find_spec("trimtab") else "", 0)
    assert "numpy computes forests and linear models" in note
    assert not list(tmp_path.rglob("*.native.so"))


def test_a_compiler_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutsideError, match=r"P279.*no-such-compiler"):
        copy_package(tmp_path, "arm64", 36, "no-such-compiler")


def test_kernels_are_built_as_the_build_hook_builds_them(root):
    text = (root / "scripts/build_native.py").read_text()
    assert f"FLAGS = {str(FLAGS).replace(chr(39), chr(34))}" in text
