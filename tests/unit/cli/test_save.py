"""`trimtab save`: one file that holds a bundle and what is said of it."""

import hashlib
import json

import pytest

from trimtab.bundle.evidence import Evidence, keep_evidence
from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.contents import contents_of


def test_a_bundle_is_written_with_the_documents_about_it(type_in, here, answering):
    keep_evidence(here / ".trimtab", answering.digest, [Evidence("application/x.signature", b"sig")])
    said = type_in("save", "copy", "-o", "copy.tar")
    data = (here / "copy.tar").read_bytes()
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"bundle     copy@{answering.digest}",
        "evidence   1 documents",
        f"wrote      copy.tar  {len(data) / 1000:.1f} kB, sha256:{hashlib.sha256(data).hexdigest()}",
    ]
    with Archive(here / "copy.tar") as archive:
        assert contents_of(archive).evidence == (Evidence("application/x.signature", b"sig"),)
        assert archive.resolve("copy").digest == contents_of(archive).root.digest


def test_the_same_again_is_the_same_file(type_in, here, answering):
    first = json.loads(type_in("save", "copy", "-o", "one.tar", "--json").out)
    second = json.loads(type_in("save", answering.folder, "-o", "two.tar", "--json").out)
    assert (first["name"], first["digest"], first["evidence"]) == ("copy", answering.digest, 0)
    assert first["bytes"] == (here / "one.tar").stat().st_size
    assert first | {"file": "two.tar"} == second
    assert (here / "one.tar").read_bytes() == (here / "two.tar").read_bytes()


def test_a_damaged_bundle_is_not_saved(type_in, here, answering):
    path = answering.folder / "golden" / "request.json"
    path.chmod(0o644)
    path.write_bytes(b"{}")
    said = type_in("save", "copy", "-o", "copy.tar")
    assert (said.status, said.out) == (2, "")
    assert "error[P209]" in said.err
    assert not (here / "copy.tar").exists()


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("copy",), 2, "P113"),
        (("other", "-o", "x.tar"), 2, "P230"),
        (("-o", "x.tar"), 2, "P122"),
        (("copy", "-o", "gone/x.tar"), 3, "P214"),
    ],
)
@pytest.mark.usefixtures("answering")
def test_what_cannot_be_done_is_said(type_in, words, status, code):
    said = type_in("save", *words)
    assert (said.status, said.out) == (status, "")
    assert said.err.startswith(f"error[{code}]")
