"""What was found is kept beside the bundle, where a trust policy takes it for what it is: no signature."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from trimtab.bundle.evidence import evidence_of
from trimtab.bundle.trust.examine import verify_attestation
from trimtab.bundle.trust.policy import NamedPem, Policy
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.attestations import Attestation
from trimtab.ops.evidence.keeping import keep_found
from trimtab.release.evidence.gather import Vouching, gather
from trimtab.release.evidence.own import OWN, own_public

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
FOUND = (Attestation("golden", DIGEST, "PASS", 5.0), Attestation("tests", DIGEST, "FAIL", 5.0))


def test_the_store_signs_where_nobody_else_does(tmp_path):
    documents = keep_found(tmp_path, (*FOUND, replace(FOUND[0], digest=OTHER)))
    assert set(evidence_of(tmp_path, DIGEST)) == set(documents[:2])
    assert evidence_of(tmp_path, OTHER) == documents[2:]
    found = gather(documents[:2], DIGEST, Vouching(Policy((own_public(tmp_path),))), 6.0)
    assert sorted((one.kind, one.signer) for one in found.attestations) == [("golden", OWN), ("tests", OWN)]


def test_whoever_signs_otherwise_leaves_the_store_without_a_key(tmp_path, signers):
    ann = signers.person("ann")
    keep_found(tmp_path, FOUND, Credentials(ann.private()))
    assert own_public(tmp_path) is None
    policy = Vouching(Policy((NamedPem("ann", ann.public.pem),)))
    assert {one.signer for one in gather(evidence_of(tmp_path, DIGEST), DIGEST, policy, 6.0).attestations} == {"ann"}


def test_nothing_is_kept_where_one_of_them_is_no_evidence(tmp_path):
    with pytest.raises(ValueError, match="at no time"):
        keep_found(tmp_path, (*FOUND, replace(FOUND[0], made=-1.0)))
    assert evidence_of(tmp_path, DIGEST) == ()
    assert keep_found(tmp_path / "none", ()) == ()
    assert not (tmp_path / "none").exists()


def test_the_same_word_of_the_same_moment_is_the_same_document(tmp_path):
    assert keep_found(tmp_path, FOUND) == keep_found(tmp_path, FOUND)
    assert len(evidence_of(tmp_path, DIGEST)) == 2


def test_for_a_trust_policy_it_is_an_attestation_like_others(tmp_path, signers):
    ann = signers.person("ann")
    (document,) = keep_found(tmp_path, FOUND[:1], Credentials(ann.private()))
    says, predicate, signer = verify_attestation(document, DIGEST, Policy((ann.public,)), datetime.now(UTC))
    assert (says, predicate["verdict"], signer.name) == ("urn:trimtab:evidence:golden:v1", "PASS", "ann.pub")
