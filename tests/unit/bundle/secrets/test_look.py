"""Searching one file."""

import gzip
import itertools
import os
import zipfile

import pytest

from trimtab.bundle.secrets.look import Budget, Found, look
from trimtab.bundle.secrets.streams import PIECE

KEY = b"AKIA" + b"Q3EGRTZ7" * 2
AWS = ("access key of AWS", "AKIA")


@pytest.fixture
def found(tmp_path):
    def find(content, name="a.txt", budget=None, **how):
        path = tmp_path / "file"
        path.write_bytes(content)
        return look(path, name, budget or Budget(1 << 30, 60), **how)

    return find


def test_the_place_in_text_is_the_line(found):
    assert found(b"x\n\n" + KEY) == [Found("a.txt:3", *AWS)]


def test_the_place_in_bytes_is_the_byte(found):
    assert found(b"\0\0" + KEY) == [Found("a.txt, byte 2", *AWS)]


def test_the_place_in_a_container_names_the_member(found, tmp_path):
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b"x\n" + KEY)
    data = (tmp_path / "z").read_bytes()
    assert found(data, "m.skops") == [Found("m.skops!schema.json:2", *AWS)]
    assert found(data, "m.skops", unpack=False) == []
    assert found(gzip.compress(b"\0" + KEY), "m.gz")[0].where == "m.gz, byte 1"


def test_lines_are_counted_over_many_pieces_and_nothing_is_told_twice(found):
    line = b"0123456789abcde\n"
    lines = PIECE // len(line)
    content = line * (lines - 100) + KEY + b"\n" + line * lines + KEY
    assert [one.where for one in found(content)] == [f"a.txt:{lines - 99}", f"a.txt:{2 * lines - 98}"]


def test_a_secret_across_two_pieces_is_found(found):
    assert len(found(b"\n" * (PIECE - 10) + KEY)) == 1


def test_formats_without_quotes_are_known_by_their_suffix(found):
    assert found(b"password: kT9-vault", "a.yaml")
    assert found(b"password = kT9-vault", "credentials")
    assert not found(b"password: kT9-vault", "a.py")


def test_what_is_beyond_the_budget_is_named(found):
    budget = Budget(100, 60)
    assert found(b"\n" * 200 + KEY, budget=budget) == []
    assert budget.cut == ["a.txt"]
    clock = itertools.count(0.0, 10.0)
    budget = Budget(1 << 30, 5, lambda: next(clock))
    found(b"\n" * (PIECE + 1) + KEY, budget=budget)
    assert budget.cut == ["a.txt"]


def test_links_are_not_followed_and_damaged_containers_are_searched_as_bytes(found, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "file").write_bytes(KEY)
    assert look(tmp_path / "link", "link", Budget(1 << 30, 60)) == []
    assert found(b"PK\x03\x04\0" + KEY, "m.zip") == [Found("m.zip, byte 5", *AWS)]
    assert found(b"\x1f\x8b\0" + KEY, "m.gz") == [Found("m.gz, byte 3", *AWS)]


def test_a_pipe_does_not_hold_it_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert look(tmp_path / "pipe", "pipe", Budget(1 << 30, 60)) == []


def test_a_member_that_cannot_be_unpacked_is_not_passed_over_in_silence(found, tmp_path):
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", KEY * 9)
    data = bytearray((tmp_path / "z").read_bytes())
    for header in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[header] |= 1  # encrypted
    budget = Budget(1 << 30, 60)
    assert found(bytes(data), "m.zip", budget) == []
    assert budget.cut == ["m.zip"]
