"""What a layout holds: all of it is named, nothing else is there, and what is said of it is so."""

import msgspec
import pytest

from trimtab.bundle import evidence as documents
from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci import contents
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import copy
from trimtab.bundle.oci.contents import contents_of, evidence_from, evidence_in
from trimtab.bundle.oci.entries import REF_NAME
from trimtab.bundle.oci.spec import INDEX, Descriptor, Index, Platform, document
from trimtab.bundle.read import open_bundle
from trimtab.core.errors import UserError


def entry(shelf, at, **changes):
    shelf.entries[at] = msgspec.structs.replace(shelf.entries[at], **changes)


def test_the_bundle_and_the_documents_about_it_are_found(full, said):
    found = contents_of(full)
    assert (found.root, set(found.evidence)) == (full.entries[0], set(said))


def test_an_image_beside_it_is_verified_too(full, refusal):
    image = full.manifest(b"layer", artifact_type="")
    platforms = document(Index(schema_version=2, media_type=INDEX, manifests=(image,)))
    root = full.put(platforms, INDEX)
    full.entries.append(
        msgspec.structs.replace(root, annotations={REF_NAME: "image"}, platform=Platform("amd64", "linux"))
    )
    assert contents_of(full).root == full.entries[0]
    layer = next(digest for digest, data in full.blobs.items() if data == b"layer")
    full.blobs[layer] = b"lay\x1ar"
    assert refusal(contents_of, full).where == layer


def test_no_bundle_and_two_are_refused(full, memory, tmp_path, write_bundle, refusal):
    assert refusal(contents_of, memory).what == "holds no bundle: `index.json` names none"
    write_bundle(tmp_path / "two", files={"model/w": b"2"})
    source = BundleSource(open_bundle(tmp_path / "two"))
    copy(source, source.root, full, "m2")
    found = refusal(contents_of, full)
    assert (found.code, found.what.startswith("holds several bundles: sha256:")) == ("P211", True)


def test_an_index_of_another_kind_is_refused(full, refusal):
    class Odd(type(full)):
        def index_data(self):
            return super().index_data().replace(INDEX.encode(), b"application/vnd.oci.image.indez.v1+json")

    odd = Odd()
    odd.blobs, odd.entries = full.blobs, full.entries
    assert refusal(contents_of, odd).code == "P210"


def test_the_same_entry_twice_is_one_bundle(full, said):
    full.entries.append(full.entries[0])
    full.entries.append(full.entries[1])
    assert len(contents_of(full).evidence) == len(said)


def test_what_is_named_and_not_there_and_what_is_there_and_not_named(full):
    gone = next(digest for digest, data in full.blobs.items() if data == b"x = 1\n")
    del full.blobs[gone]
    planted = full.put(b"planted").digest
    with pytest.raises(UserError) as caught:
        contents_of(full)
    assert [(one.code, one.what) for one in caught.value.problems] == [
        ("P213", f"{gone} is named and not there"),
        ("P213", f"{planted} is there and named by nothing"),
    ]


@pytest.mark.parametrize(
    ("at", "changes"),
    [
        (0, {"annotations": {REF_NAME: "n"}}),
        (0, {"annotations": {REF_NAME: "m", "x": "y"}}),
        (0, {"artifact_type": "application/vnd.other"}),
        (0, {"platform": Platform("amd64", "linux")}),
        (1, {"annotations": {REF_NAME: "m"}}),
        (1, {"artifact_type": "application/x.signature"}),
    ],
)
def test_an_entry_that_says_what_is_not_so_is_refused(full, refusal, at, changes):
    entry(full, at, **changes)
    found = refusal(contents_of, full)
    assert (found.code, found.where) == ("P213", f"memory {full.entries[at].digest}")


def test_an_entry_that_says_nothing_is_as_good(full):
    for at in range(3):
        entry(full, at, annotations={}, artifact_type="")
    assert len(contents_of(full).evidence) == 2


def test_documents_about_another_bundle_are_none_about_this(full):
    assert evidence_in(full, Descriptor("m", f"sha256:{'0' * 64}", 1)) == ()
    assert len(evidence_in(full, full.entries[0])) == 2


def test_a_document_in_another_form_is_refused(full, refusal):
    root = full.entries[0]
    subject = Descriptor(root.media_type, root.digest, root.size)
    for one in (
        full.manifest(b"a", b"b", subject=subject, artifact_type="x/y"),
        full.manifest(subject=subject, artifact_type="x/y"),
        full.manifest(b"a", subject=subject),
        full.manifest(b"a", artifact_type="x/y"),
    ):
        found = refusal(evidence_from, full, [one], root)
        assert (found.code, found.where) == ("P210", one.digest)


def test_documents_beyond_any_use_are_not_read(full, refusal):
    root = full.entries[0]
    subject = Descriptor(root.media_type, root.digest, root.size)
    huge = Descriptor("x/y", f"sha256:{'a' * 64}", documents.LARGEST + 1)
    one = full.manifest(layers=(huge,), subject=subject, artifact_type="x/y")
    assert refusal(evidence_from, full, [one], root).code == "P212"
    assert huge.digest not in full.reads
    small = full.manifest(b"a", subject=subject, artifact_type="x/y")
    assert refusal(evidence_from, full, [small] * (contents.MOST_EVIDENCE + 1), root).code == "P212"
    assert evidence_from(full, [small], root) == (Evidence("x/y", b"a"),)


def test_an_index_of_a_great_many_entries_is_not_walked(full, refusal):
    full.entries += [full.entries[1]] * 600
    found = refusal(contents_of, full)
    assert (found.code, full.reads) == ("P213", [])
