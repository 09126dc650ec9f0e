"""What is read from a `pylock.toml`; asking uv itself is in tests/system."""

import sys

import pytest

from trimtab.bundle.lock.resolve import _listed, pins_of
from trimtab.bundle.lock.text import Pin

HERE = f"cp{sys.version_info.major}{sys.version_info.minor}"


def pylock(*files, name="Some.Package", extra=""):
    wheels = ", ".join(
        f'{{ {key} = "{file}", hashes = {{ sha256 = "{number}" }} }}' for number, (key, file) in enumerate(files)
    )
    return f'[[packages]]\nname = "{name}"\nversion = "1.0"\nwheels = [{wheels}]\n{extra}'


@pytest.mark.parametrize(
    "file",
    [
        ("name", "some_package-1.0-py3-none-any.whl"),
        ("name", f"some_package-1.0-{HERE}-{HERE}-manylinux_2_17_x86_64.whl"),
        ("name", f"some_package-1.0-{HERE}-{HERE}-win_amd64.whl"),  # any platform
        ("name", "some_package-1.0-cp38-abi3-macosx_11_0_arm64.whl"),
        ("url", "https://files.example/some%5Fpackage-1.0-py3-none-any.whl"),
        ("path", "wheels/some_package-1.0-py2.py3-none-any.whl"),
    ],
)
def test_wheels_for_this_python_count_whatever_the_platform(file):
    assert pins_of(pylock(file)) == [Pin("some-package", "1.0", ("sha256:0",))]


@pytest.mark.parametrize(
    "file",
    [
        ("name", "some_package-1.0-cp27-cp27mu-manylinux1_x86_64.whl"),
        ("name", "some_package-1.0-py2-none-any.whl"),
        ("name", "some_package-1.0-pp310-pypy310_pp73-linux_x86_64.whl"),
        ("name", "not a wheel.whl"),
    ],
)
def test_wheels_for_another_python_do_not(file):
    assert pins_of(pylock(file)) == [Pin("some-package", "1.0", ())]


def test_sources_count_and_hashes_are_sorted():
    text = pylock(
        ("name", "some_package-1.0-py3-none-any.whl"), extra='sdist = { name = "s", hashes = { sha256 = "!" } }\n'
    )
    assert pins_of(text)[0].hashes == ("sha256:!", "sha256:0")


def test_a_file_without_packages_has_no_pins():
    assert pins_of("lock-version = '1.0'") == []


def test_a_long_list_of_requirements_is_cut():
    assert _listed(["a", "b", "c"]) == "`a`, `b`, `c`"
    assert _listed(["a", "b", "c", "d", "e"]) == "`a`, `b`, `c` and 2 more"
