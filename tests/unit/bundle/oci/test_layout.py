"""A layout in a folder: written whole, found again, nothing read that is not its own."""

import json
import os

import pytest

from trimtab.bundle.oci.blobs import copy
from trimtab.bundle.oci.contents import contents_of
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import described
from trimtab.core.errors import UserError

ABC = described(b"abc", "m")


@pytest.fixture
def layout(tmp_path, full):
    """The bundle and two documents about it, in a folder."""
    found = Layout(tmp_path / "layout")
    for one in full.entries:
        copy(full, one, found, "m" if one is full.entries[0] else "")
    return found


def blob(layout, digest):
    return layout.root / "blobs" / "sha256" / digest.removeprefix("sha256:")


def test_what_is_copied_is_held_named_and_read(layout, full):
    assert layout.held() == full.held()
    assert {one.digest for one in layout.index().manifests} == {one.digest for one in full.entries}
    assert layout.resolve("m").digest == full.entries[0].digest
    for digest, data in full.blobs.items():
        assert b"".join(layout.read(described(data, "m"))) == data, digest
    assert contents_of(layout).evidence == contents_of(full).evidence


def test_its_files_are_those_of_a_layout_and_read_only_by_no_accident(layout):
    assert {path.name for path in layout.root.iterdir()} == {"blobs", "index.json", "oci-layout"}
    assert {path.stat().st_mode & 0o777 for path in layout.root.rglob("*") if path.is_file()} == {0o644}
    assert json.loads((layout.root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}


def test_the_same_again_changes_nothing(layout, full):
    before = (layout.root / "index.json").read_bytes()
    for one in full.entries:
        copy(full, one, layout, "m" if one is full.entries[0] else "")
    assert (layout.root / "index.json").read_bytes() == before


def test_a_tag_moves_and_what_has_no_tag_and_no_subject_is_not_named(layout, memory):
    other, child = memory.manifest(b"other"), memory.manifest(b"child")
    copy(memory, other, layout, "m")
    copy(memory, child, layout)
    assert layout.resolve("m").digest == other.digest
    assert layout.has(child)
    assert child.digest not in {one.digest for one in layout.index().manifests}


def test_a_blob_that_differs_is_not_kept(tmp_path, refusal):
    layout = Layout(tmp_path)

    def pieces():
        yield b"ab"
        raise UserError(*refused)

    refused = (refusal(layout.resolve, "x"),)
    with pytest.raises(UserError):
        layout.write(ABC, pieces())
    assert not layout.has(ABC)
    assert list((tmp_path / "blobs" / "sha256").iterdir()) == []


def test_a_file_of_another_length_or_a_link_is_not_the_blob(layout, tmp_path):
    layout.write(ABC, [b"abc"])
    assert layout.has(ABC)
    path = blob(layout, ABC.digest)
    path.write_bytes(b"abcd")
    assert not layout.has(ABC)
    path.unlink()
    (tmp_path / "abc").write_bytes(b"abc")
    path.symlink_to(tmp_path / "abc")
    assert not layout.has(ABC)
    with pytest.raises(UserError, match="blob cannot be read"):
        list(layout.read(ABC))


@pytest.mark.parametrize(
    ("name", "said"), [("oci-layout", "No such file"), ("index.json", "No such file"), ("", "No such file")]
)
def test_a_folder_without_its_files_is_no_layout(layout, refusal, name, said):
    for one in [name] if name else ["oci-layout", "index.json"]:
        (layout.root / one).unlink()
    found = refusal(layout.index)
    assert (found.code, said in found.what) == ("P211", True)


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/hostname"), os.mkfifo, lambda path: path.mkdir()])
def test_an_index_that_is_no_plain_file_is_not_read(layout, refusal, make):
    (layout.root / "index.json").unlink()
    make(layout.root / "index.json")
    assert refusal(layout.index).code == "P211"


def test_an_index_that_is_too_long_is_not_read(layout, refusal):
    os.truncate(layout.root / "index.json", 2**40)
    assert "has more than 4194304 bytes" in refusal(layout.index).what


def test_what_no_layout_has_is_named(layout):
    (layout.root / "blobs" / "sha256" / "ABC").write_bytes(b"")
    (layout.root / "index.json~").write_bytes(b"")
    blob(layout, f"sha256:{'0' * 64}").symlink_to("ABC")
    with pytest.raises(UserError) as caught:
        layout.held()
    assert [one.code for one in caught.value.problems] == ["P213"] * 3
    assert [one.what.split()[0] for one in caught.value.problems] == [
        f"'blobs/sha256/{'0' * 64}'", "'blobs/sha256/ABC'", "'index.json~'",
    ]  # fmt: skip


def test_a_folder_that_is_gone_is_said(tmp_path, refusal):
    assert refusal(Layout(tmp_path / "gone").held).code == "P211"


def test_a_digest_that_is_a_path_is_refused(layout, refusal):
    odd = type(ABC)("m", "sha256:../../../etc/passwd", 1)
    assert refusal(layout.has, odd).code == "P210"
    assert refusal(lambda: list(layout.read(odd))).code == "P210"
