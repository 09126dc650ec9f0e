"""Names that are safe everywhere, what lies in a folder, and digests."""

import hashlib
import os

import pytest

from trimtab.bundle.files import Entry, clashes, digest_file, digest_folder, name_fault, name_faults, walk


@pytest.mark.parametrize(
    "name", ["a", "model/weights.bin", "a b", "é/ü", ".hidden", "a..b", "x" * 255, "a/" * 31 + "a"]
)
def test_a_name_that_means_the_same_everywhere_has_no_fault(name):
    assert name_fault(name) == ""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is not relative"),
        ("/a", "is not relative"),
        ("a:b", "holds a character that is not allowed in a name"),
        ("C:\\a", "holds a character that is not allowed in a name"),
        ("a\x00", "holds a character that is not allowed in a name"),
        ("a\u202eb", "holds a character that is not allowed in a name"),
        ("e\u0301", "is not in Unicode normal form C"),
        ("a//b", "has a part that is empty, `.` or `..`"),
        ("a/", "has a part that is empty, `.` or `..`"),
        ("../a", "has a part that is empty, `.` or `..`"),
        ("a/./b", "has a part that is empty, `.` or `..`"),
        ("a./b", "has a part that ends in a dot or a blank"),
        ("a ", "has a part that ends in a dot or a blank"),
        ("x" * 256, "is too long"),
        ("é" * 128, "is too long"),
        ("a/" * 512 + "a", "is too long"),
        ("a/" * 32 + "a", "has more than 32 parts"),
    ],
)
def test_a_name_that_does_not_says_why(name, fault):
    assert name_fault(name) == fault


@pytest.mark.parametrize(
    ("names", "clash"),
    [
        (["a", "b", "c/d"], []),
        (["a", "A"], ["A", "a"]),
        (["x/a", "X/b"], ["X/b", "x/a"]),
        (["x/a", "X"], ["X", "x/a"]),
        (["x", "x/a"], ["x", "x/a"]),
        (["straße", "STRASSE"], ["STRASSE", "straße"]),
        (["x/a", "x/b", "y/a"], []),
    ],
)
def test_names_that_are_one_where_case_does_not_count_clash(names, clash):
    assert clashes(names) == clash


def test_everything_in_a_folder_is_named_in_order_and_no_link_is_followed(tmp_path):
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "b" / "deep" / "file").write_text("x")
    (tmp_path / "a").write_text("y")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert list(walk(tmp_path)) == [
        Entry("a", "file"), Entry("b", "folder"), Entry("b/deep", "folder"), Entry("b/deep/file", "file"),
        Entry("dangling", "link"), Entry("loop", "link"), Entry("pipe", "special"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"abc", b"x" * (1 << 20) + b"y"])
def test_a_digest_is_of_the_whole_content(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    entry = digest_file(tmp_path / "file")
    assert (entry.sha256, entry.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_link_is_never_read(tmp_path):
    (tmp_path / "file").write_text("secret")
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(OSError, match="symbolic"):
        digest_file(tmp_path / "link")


def test_a_folder_is_digested_without_its_manifest_and_its_links(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "bundle.json").write_text("{}")
    (tmp_path / "bundle.json").write_text("{}")
    (tmp_path / "link").symlink_to("bundle.json")
    assert {name: entry.size for name, entry in digest_folder(tmp_path).items()} == {"model/bundle.json": 2}


def test_names_that_are_not_safe_say_why_and_the_others_say_nothing():
    names = ["a", "B", "b", "/c", "D", "e/f"]
    same = "is another's name where upper and lower case are the same"
    assert name_faults(names, beside="d") == {"B": same, "b": same, "/c": "is not relative", "D": same}
    assert name_faults(["a", "e/f"], beside="d") == {}


def test_a_folder_that_goes_away_while_one_looks_is_passed_over(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    looking = walk(tmp_path)
    assert next(looking) == Entry("a", "folder")
    (tmp_path / "b/file").unlink()
    (tmp_path / "b").rmdir()
    assert [*looking] == [Entry("a/file", "file"), Entry("b", "folder")]
