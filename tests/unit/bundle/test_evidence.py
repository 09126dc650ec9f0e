"""Documents about a bundle, beside it: kept once, read back as they were."""

import pytest

from trimtab.bundle.evidence import LARGEST, Evidence, evidence_of, keep_evidence
from trimtab.core.errors import OutsideError, UserError

DIGEST = f"sha256:{'a' * 64}"
ONE, TWO = Evidence("application/vnd.in-toto+json", b'{"a":1}'), Evidence("application/x.signature", bytes(range(256)))


def problem(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    (only,) = caught.value.problems
    return only


def files(root):
    return sorted(path for path in (root / "evidence").rglob("*") if path.is_file())


def test_what_is_kept_is_read_back_in_a_steady_order(tmp_path):
    keep_evidence(tmp_path, DIGEST, [ONE, TWO])
    found = evidence_of(tmp_path, DIGEST)
    assert set(found) == {ONE, TWO}
    keep_evidence(tmp_path / "other", DIGEST, [TWO, ONE])
    assert evidence_of(tmp_path / "other", DIGEST) == found


def test_what_is_there_stays_as_it_is(tmp_path):
    keep_evidence(tmp_path, DIGEST, [ONE])
    (path,) = files(tmp_path)
    before = path.stat().st_ino
    keep_evidence(tmp_path, DIGEST, iter([ONE, TWO]))
    assert len(files(tmp_path)) == 2
    assert path.stat().st_ino == before


def test_the_same_bytes_of_two_kinds_are_two_documents(tmp_path):
    keep_evidence(tmp_path, DIGEST, [Evidence("a/b", b"c"), Evidence("a/d", b"c")])
    assert len(evidence_of(tmp_path, DIGEST)) == 2


def test_no_documents_leave_no_trace(tmp_path):
    keep_evidence(tmp_path / "store", DIGEST, [])
    assert not (tmp_path / "store").exists()
    assert evidence_of(tmp_path / "store", DIGEST) == ()


def test_documents_of_another_bundle_are_not_mixed_in(tmp_path):
    keep_evidence(tmp_path, DIGEST, [ONE])
    assert evidence_of(tmp_path, f"sha256:{'b' * 64}") == ()


def test_a_document_that_is_too_long_is_refused_with_all_the_others(tmp_path):
    huge = Evidence("a/b", bytes(LARGEST + 1))
    assert problem(keep_evidence, tmp_path, DIGEST, [ONE, huge]).code == "P219"
    assert evidence_of(tmp_path, DIGEST) == ()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"media_type":"a"}', '{"media_type":"a","data":"%"}', '{"media_type":"a","data":"","x":1}']
)
def test_a_file_that_is_no_document_is_named(tmp_path, text):
    keep_evidence(tmp_path, DIGEST, [ONE])
    (path,) = files(tmp_path)
    path.write_text(text)
    found = problem(evidence_of, tmp_path, DIGEST)
    assert (found.code, found.where, found.hint) == ("P219", str(path), "remove the file")


@pytest.mark.parametrize("digest", ["", "m", "sha256:../../x", f"sha256:{'A' * 64}"])
def test_what_is_no_digest_is_no_folder(tmp_path, digest):
    assert problem(keep_evidence, tmp_path, digest, [ONE]).code == "P231"
    assert problem(evidence_of, tmp_path, digest).code == "P231"
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "evidence").write_text("no folder")
    with pytest.raises(OutsideError) as failed:
        keep_evidence(tmp_path, f"sha256:{'a' * 64}", [Evidence("application/json", b"{}")])
    assert failed.value.problems[0].code == "P236"
