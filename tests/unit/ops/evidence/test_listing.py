"""Document by document: where each counts, and why in none."""

import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.attestations import Attestation
from trimtab.ops.evidence.keeping import keep_found
from trimtab.ops.evidence.listing import documents_of, gathered, listed
from trimtab.project import project_of
from trimtab.release.evidence.attest import attest
from trimtab.release.record.local import LocalRecord

DIGEST = f"sha256:{'a' * 64}"
SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'
PLACES = '[env.dev]\n[env.prod]\napprovers = ["ann"]\n[env.prod.trust]\nkeys = ["ci.pub"]\n'


@pytest.fixture
def by(tmp_path, signers):
    """Credentials of somebody whose public key lies in the project."""
    (tmp_path / "keys").mkdir()

    def made(name, path):
        person = signers.person(name)
        (tmp_path / path).write_bytes(person.public.pem)
        return Credentials(person.private())

    return made


def test_each_document_counts_where_its_signer_does(tmp_path, by):
    project = project_of(SMALL + PLACES, tmp_path / "trimtab.toml")
    record = LocalRecord(tmp_path / "ledger", tmp_path / "store")
    ann, ci = by("ann", "keys/ann.pub"), by("ci", "ci.pub")
    (own,) = keep_found(tmp_path / "store", [Attestation("tests", DIGEST, "PASS", 3.0)])
    documents = [
        attest(Attestation("golden", DIGEST, "PASS", 1.0), ci),
        attest(Attestation("approval", DIGEST, "PASS", 2.0, environment="prod"), ann),
        attest(Attestation("approval", DIGEST, "PASS", 4.0, environment="dev"), ann),
        Evidence("text/plain", b"x"),
    ]
    record.keep(DIGEST, documents)
    assert documents_of(record, tmp_path / "store", DIGEST).count(own) == 1
    rows = listed(project, tmp_path / "store", documents_of(record, tmp_path / "store", DIGEST), DIGEST, 5.0)
    assert [(one.kind, one.counts_in) for one in rows] == [
        ("golden", ("prod",)), ("approval", ("prod",)), ("tests", ("dev",)), ("approval", ()), ("", ()),
    ]  # fmt: skip
    assert [bool(one.fault) for one in rows] == [False, False, False, True, True]
    found = gathered(project, project.environments["prod"], tmp_path / "store", documents, DIGEST, 5.0)
    assert {(one.kind, one.signer) for one in found.attestations} == {("golden", "ci"), ("approval", "ann")}


def test_a_project_without_environments_has_what_trust_names(tmp_path, by):
    project = project_of(SMALL + '[trust]\nkeys = ["ci.pub"]\n', tmp_path / "trimtab.toml")
    document = attest(Attestation("golden", DIGEST, "PASS", 1.0), by("ci", "ci.pub"))
    (row,) = listed(project, tmp_path / "store", [document], DIGEST, 5.0)
    assert (row.found.signer, row.counts_in, row.fault) == ("ci", ("",), "")
