"""`trimtab load`: from an archive or a folder into the store, reached by digest until a name is asked for."""

import json
import shutil

import pytest

from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.bundle.store import Store


@pytest.fixture
def archive(type_in, here, answering):
    """An archive of the bundle `copy` with one document about it."""
    keep_evidence(here / ".trimtab", answering.digest, [Evidence("application/x.signature", b"sig")])
    assert type_in("save", "copy", "-o", "copy.tar").status == 0
    return here / "copy.tar"


def test_a_bundle_is_taken_and_no_name_is_moved(type_in, here, archive, answering):
    said = type_in("load", archive, "--store", "other")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[:2] == [f"bundle     copy@{answering.digest}", "evidence   1 documents"]
    assert said.out.splitlines()[2].startswith("loaded     2 files, ")
    (entry,) = Store(here / "other").list()
    assert (entry.digest, entry.aliases) == (answering.digest, ())
    assert evidence_of(here / "other", answering.digest) == (Evidence("application/x.signature", b"sig"),)
    assert "P295" in type_in("check", answering.digest, "--store", "other").err
    (here / "other/trust.toml").write_text("allow_code = true\n")
    assert type_in("check", answering.digest, "--store", "other").status == 0


def test_twice_is_once(type_in, archive, here):
    first = type_in("load", archive, "--store", "other")
    before = sorted(str(path) for path in (here / "other").rglob("*"))
    assert type_in("load", archive, "--store", "other") == first
    assert sorted(str(path) for path in (here / "other").rglob("*")) == before


def test_aliases_that_are_asked_for_point_at_it(type_in, archive, here, answering):
    said = type_in("load", archive, "--store", "other", "--tag", "latest", "--tag", "r7", "--json")
    told = json.loads(said.out)
    assert told == {
        "name": "copy", "digest": answering.digest, "folder": told["folder"], "bytes": told["bytes"], "files": 2,
        "evidence": 1, "tags": ["latest", "r7"], "images": [],
    }  # fmt: skip
    assert {Store(here / "other").resolve(name).digest for name in ("copy", "copy:r7")} == {answering.digest}


def test_a_folder_is_taken_too(type_in, here, answering):
    shutil.copytree(answering.folder, here / "plain")
    said = json.loads(type_in("load", "plain", "--store", "other", "--json").out)
    assert (said["digest"], said["evidence"]) == (answering.digest, 0)


@pytest.mark.parametrize("form", ["archive", "folder"])
def test_another_digest_than_the_one_asked_for_is_refused(type_in, archive, here, answering, form):
    path = archive if form == "archive" else answering.folder
    said = type_in("load", path, "--store", "other", "--digest", f"sha256:{'0' * 64}")
    assert (said.status, said.out) == (2, "")
    assert "error[P235]" in said.err
    assert answering.digest in said.err
    assert Store(here / "other").list() == ()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "P113"),
        (("gone.tar",), "P211"),
        (("copy.tar", "--digest", "sha256:12"), "P114"),
        (("copy.tar", "--tag", "../x"), "P114"),
        (("trimtab.toml",), "P213"),
    ],
)
@pytest.mark.usefixtures("archive")
def test_what_cannot_be_taken_is_said(type_in, here, words, code):
    (here / "trimtab.toml").write_text('name = "x"\n[model]\npath = "m.pkl"\n')
    said = type_in("load", *words, "--store", "other")
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err
    assert not (here / "other").exists() or Store(here / "other").list() == ()
