"""One bundle in three forms: folder, layout, archive; told apart by what is there."""

import pytest

from trimtab.bundle.evidence import evidence_of
from trimtab.bundle.oci.artifact import unpack
from trimtab.bundle.oci.blobs import copy
from trimtab.bundle.oci.carried import carried, take
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.store import Store


def look(path):
    with carried(path) as found:
        return found.root.digest, len(found.evidence), found.expected


@pytest.fixture
def archive(tmp_path, full):
    write_archive([Content(full, one) for one in full.entries], tmp_path / "m.tar")
    return tmp_path / "m.tar"


@pytest.fixture
def layout(tmp_path, full):
    for one in full.entries:
        copy(full, one, Layout(tmp_path / "layout"), "m" if one is full.entries[0] else "")
    return tmp_path / "layout"


def test_the_three_forms_of_a_bundle_are_one(bundle, archive, layout, full):
    root = full.entries[0].digest
    assert look(bundle.folder) == (root, 0, "")
    assert look(layout) == look(archive) == (root, 2, "")


def test_a_folder_named_by_a_digest_must_have_it(bundle):
    named = bundle.folder.rename(bundle.folder.with_name(f"{'0' * 64}"))
    assert look(named)[2] == f"sha256:{'0' * 64}"


def test_a_bundle_that_has_a_file_of_a_layout_is_a_bundle(tmp_path, write_bundle):
    write_bundle(tmp_path / "odd", files={"index.json": b"{}", "oci-layout": b"{}"})
    assert look(tmp_path / "odd")[1:] == (0, "")


@pytest.mark.parametrize(("name", "code"), [("gone", "P211"), ("empty", "P204"), ("file", "P213")])
def test_what_is_none_of_them_is_said(tmp_path, refusal, name, code):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"x" * 600)
    assert refusal(look, tmp_path / name).code == code


def test_no_other_form_is_tried_where_one_is_damaged(layout, refusal):
    (layout / "oci-layout").unlink()
    assert refusal(look, layout).code == "P211"


@pytest.mark.usefixtures("modes_count")
def test_a_folder_that_may_not_be_read_is_said(tmp_path, refusal):
    (tmp_path / "closed").mkdir(mode=0o000)
    found = refusal(look, tmp_path / "closed")
    assert (found.code, found.what) == ("P211", f"`{tmp_path}/closed` cannot be read: Permission denied")


def swapped(path):
    """Puts another file in the place of this one, as somebody might at any moment."""
    other = path.with_name("other")
    other.write_bytes(b"y = 2\n")
    other.rename(path)


def test_a_file_swapped_after_it_was_verified_is_not_taken(bundle, tmp_path, refusal):
    (tmp_path / "into").mkdir()
    with carried(bundle.folder) as found:
        swapped(bundle.folder / "code" / "own.py")
        problem = refusal(unpack, found.source, found.root, tmp_path / "into")
    assert (problem.code, problem.where.split()[0]) == ("P212", "`code/own.py`")


@pytest.mark.parametrize("form", ["folder", "layout", "archive"])
def test_a_swap_while_trust_is_asked_changes_nothing_that_is_kept(tmp_path, bundle, layout, archive, form):
    path = {"folder": bundle.folder, "layout": layout, "archive": archive}[form]
    file = {"folder": bundle.folder / "code" / "own.py", "archive": archive}.get(form)
    store = Store(tmp_path / "store")

    def trust(*_):
        for one in [file] if file else list((layout / "blobs" / "sha256").iterdir()):
            swapped(one)

    taken, evidence = take(path, store, trust)
    assert store.resolve(taken.digest).digest == bundle.digest
    assert (taken.folder / "code" / "own.py").read_bytes() == b"x = 1\n"
    assert len(evidence_of(store.root, bundle.digest)) == len(evidence) == (0 if form == "folder" else 2)


def test_a_bundle_of_another_digest_is_not_taken(tmp_path, archive, refusal):
    store = Store(tmp_path / "store")
    assert refusal(take, archive, store, lambda *_: None, f"sha256:{'0' * 64}").code == "P235"
    assert store.list() == ()
