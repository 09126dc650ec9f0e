"""Tar files of our own writing, as Python's reader sees them."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.image.tarball import Member, members_of, tar_pieces

PARTS = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=60)
NAMES = st.lists(PARTS.filter(lambda part: part not in (".", "..")), min_size=1, max_size=6).map("/".join)


def read(members):
    with tarfile.open(fileobj=io.BytesIO(b"".join(tar_pieces(members)))) as tar:
        return {one.name: (one, tar.extractfile(one).read() if one.isreg() else None) for one in tar}


@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=8))
def test_any_name_and_content_comes_back(files):
    found = read([Member(name, data, 0o644) for name, data in files.items()])
    assert {name: data for name, (_, data) in found.items()} == files


def test_owner_time_and_mode_are_fixed_whatever_made_the_file():
    found = read([Member("a", None, 0o755), Member("a/b", b"x", 0o444), Member("a/c", "/usr/bin/python3.11")])
    heads = {name: (one.uid, one.gid, one.uname, one.mtime, one.mode) for name, (one, _) in found.items()}
    assert heads == {"a": (0, 0, "", 0, 0o755), "a/b": (0, 0, "", 0, 0o444), "a/c": (0, 0, "", 0, 0o777)}
    assert found["a/c"][0].linkname == "/usr/bin/python3.11"


def test_the_order_of_the_members_does_not_count():
    members = [Member("b", b"1", 0o644), Member("a", b"2", 0o644), Member("a0", None, 0o755)]
    assert b"".join(tar_pieces(members)) == b"".join(tar_pieces(members[::-1]))


@pytest.mark.parametrize(
    ("name", "blocks"),
    [("n" * 100, 4), ("d/" * 60 + "n" * 90, 4), ("n" * 101, 6), ("ü", 6)],
    ids=["short", "split", "long", "not ASCII"],
)
def test_an_extended_header_stands_only_where_a_name_needs_it(name, blocks):
    assert len(b"".join(tar_pieces([Member(name, b"x", 0o644)]))) == blocks * 512
    assert list(read([Member(name, b"x", 0o644)])) == [name]


def test_a_folder_gets_the_modes_that_are_asked_for(tmp_path):
    (tmp_path / "in").mkdir()
    for name, mode in (("plain", 0o600), ("run", 0o700)):
        (tmp_path / "in" / name).write_bytes(b"")
        (tmp_path / "in" / name).chmod(mode)
    modes = {one.name: one.mode for one in members_of(tmp_path, "opt/x")}
    assert modes == {"opt": 0o755, "opt/x": 0o755, "opt/x/in": 0o755, "opt/x/in/plain": 0o644, "opt/x/in/run": 0o755}
    sealed = {one.name: one.mode for one in members_of(tmp_path, "m/x", file_mode=0o444, folder_mode=0o555)}
    assert sealed == {"m": 0o755, "m/x": 0o555, "m/x/in": 0o555, "m/x/in/plain": 0o444, "m/x/in/run": 0o444}


def test_a_link_in_a_folder_is_never_followed(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="link"):
        members_of(tmp_path, "opt")
