"""Machines by the head of a file."""

import sys

import pytest

from trimtab.bundle.image.elf import glibc_of, machine_of, strangers


def head(machine, bits=2, order=1):
    number = machine.to_bytes(2, "little" if order == 1 else "big")
    return b"\x7fELF" + bytes([bits, order, 1]) + bytes(9) + b"\3\0" + number


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (head(62), "amd64"),
        (head(183), "arm64"),
        (head(3, bits=1), "ELF machine 3 with 32 bits"),
        (head(62, bits=1), "ELF machine 62 with 32 bits"),  # x32 runs with other libraries
        (head(183, order=2), "ELF machine 183 with 64 bits"),
        (b"#!/usr/bin/python", ""),
        (b"\x7fELF", ""),
    ],
)
def test_the_machine_is_read_from_the_head(data, name):
    assert machine_of(data) == name


def test_this_interpreter_is_for_this_machine():
    with open(sys.executable, "rb") as file:  # noqa: PTH123 - the real one, wherever it is
        data = file.read()
    assert machine_of(data[:20]) in ("amd64", "arm64")


def test_the_newest_symbol_version_counts():
    assert glibc_of(b"\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.29\0GLIBC_2.4\0") == 29
    assert glibc_of(b"nothing") == 0


def test_strangers_are_named_by_their_place(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/right.so").write_bytes(head(62))
    (tmp_path / "a/wrong.txt").write_bytes(head(183))
    (tmp_path / "text.so").write_text("no library")
    assert strangers(tmp_path, "amd64") == {"a/wrong.txt": "arm64"}
