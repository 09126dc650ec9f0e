"""What documents are worth: whole, and changed in every way (S-14, S-46)."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.manifest import canonical
from trimtab.bundle.trust.envelope import SIGNED, signed
from trimtab.bundle.trust.examine import claimed, examine, printable, verify_attestation
from trimtab.bundle.trust.policy import Findings, Policy, judge
from trimtab.bundle.trust.signing import Credentials, sign_bundle
from trimtab.bundle.trust.statements import PROVENANCE, whole
from trimtab.core.errors import RefusedError


@pytest.fixture
def policy(people, signers):
    """Ann by her key, and whoever is called Bob below the authority."""
    root = signers.certificate(people["root"], authority=True)
    return Policy((people["ann"].public,), (root,), frozenset({"CN=bob,O=Example"}), unsigned=False)


def by_key(bundle, person):
    return list(sign_bundle(bundle, Credentials(person.private())).documents)


def verdict(policy, bundle, evidence, now):
    found = Findings(examine(bundle, evidence, policy, now), "received", ("code/a.py",))
    return [problem.code for problem in judge(policy, found)]


def altered(evidence, change):
    """The document with another payload under the same signature."""
    plain = json.loads(evidence.data)
    payload = json.loads(base64.b64decode(plain["dsseEnvelope"]["payload"]))
    change(payload)
    plain["dsseEnvelope"]["payload"] = base64.b64encode(canonical(payload)).decode()
    return Evidence(SIGNED, canonical(plain))


def test_signatures_by_those_whom_the_policy_names_count_by_key_and_by_certificate(bundle, people, signers, policy):
    leaf = signers.certificate(people["bob"], people["root"])
    bobs = sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents
    documents = [*by_key(bundle, people["ann"]), *bobs]
    found = examine(bundle, documents, policy, signers.NOW)
    assert [(one.kind, one.signer.name, one.fault) for one in found] == [
        ("signature", "CN=bob,O=Example", ""), ("signature", "ann.pub", ""),
        ("attestation", "CN=bob,O=Example", ""), ("attestation", "ann.pub", ""),
    ]  # fmt: skip
    assert verdict(replace(policy, at_least=2), bundle, documents, signers.NOW) == []


def stripped(**_):
    return []


def of_another_bundle(make, people, **_):
    return by_key(make({"model/model.txt": b"other"}), people["ann"])


def of_an_older_one_of_the_same_name(make, people, **_):
    return by_key(make({"model/model.txt": b"tree\n", "model/a-b.txt": b"0", "model/a/b.txt": b"2"}), people["ann"])


def with_a_wrong_key(bundle, people, **_):
    return by_key(bundle, people["eve"])


def with_a_wrong_key_that_hints_at_the_right_one(bundle, people, **_):
    right, wrong = (json.loads(by_key(bundle, people[name])[0].data) for name in ("ann", "eve"))
    wrong["verificationMaterial"] = right["verificationMaterial"]
    return [Evidence(SIGNED, canonical(wrong))]


def truncated(bundle, people, **_):
    return [Evidence(SIGNED, one.data[:-40]) for one in by_key(bundle, people["ann"])]


def with_a_swapped_payload(bundle, make, people, **_):
    old = by_key(make({"model/model.txt": b"other"}), people["ann"])[0]
    plain, ours = json.loads(old.data), json.loads(by_key(bundle, people["eve"])[0].data)
    plain["dsseEnvelope"]["payload"] = ours["dsseEnvelope"]["payload"]
    return [Evidence(SIGNED, canonical(plain))]


def that_leaves_a_file_out(bundle, people, **_):
    said = whole(bundle)
    said["predicate"]["resources"] = said["predicate"]["resources"][:-1]
    return [signed(said, people["ann"].key)]


def changed_by_one_letter(bundle, people, **_):
    return [altered(by_key(bundle, people["ann"])[0], lambda said: said["subject"][0].update(name="churm"))]


def with_an_expired_certificate(bundle, people, signers, **_):
    leaf = signers.certificate(people["bob"], people["root"], days=(-10, -1))
    return sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents


def with_a_foreign_certificate(bundle, people, signers, **_):
    root = signers.certificate(people["foreign"], authority=True)
    leaf = signers.certificate(people["bob"], people["foreign"])
    return sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf, chain=(root,))).documents


def with_a_certificate_that_is_anothers(bundle, people, signers, **_):
    leaf = signers.certificate(people["bob"], people["root"])
    right = sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents[0]
    wrong = json.loads(by_key(bundle, people["eve"])[0].data)
    wrong["verificationMaterial"] = json.loads(right.data)["verificationMaterial"]
    return [Evidence(SIGNED, canonical(wrong))]


def with_a_broken_certificate(bundle, people, signers, **_):
    leaf = signers.certificate(people["bob"], people["root"])
    plain = json.loads(sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents[0].data)
    plain["verificationMaterial"]["x509CertificateChain"]["certificates"][0]["rawBytes"] = "AAAA"
    return [Evidence(SIGNED, canonical(plain))]


def an_attestation_alone(bundle, people, **_):
    return by_key(bundle, people["ann"])[1:]


def no_document_of_ours(**_):
    return [Evidence("application/octet-stream", b"signed, honestly")]


VARIANTS = [
    stripped, of_another_bundle, of_an_older_one_of_the_same_name, with_a_wrong_key,
    with_a_wrong_key_that_hints_at_the_right_one, truncated, with_a_swapped_payload, that_leaves_a_file_out,
    changed_by_one_letter, with_an_expired_certificate, with_a_foreign_certificate, with_a_certificate_that_is_anothers,
    with_a_broken_certificate, an_attestation_alone, no_document_of_ours,
]  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_document_but_a_good_one_gets_a_bundle_past_a_policy(bundle, make, people, signers, policy, variant):
    evidence = variant(bundle=bundle, make=make, people=people, signers=signers)
    assert verdict(policy, bundle, evidence, signers.NOW)[:2] == ["P294", "P295"]
    good = by_key(bundle, people["ann"])
    assert verdict(policy, bundle, [*evidence, *good], signers.NOW) == []


def test_every_byte_of_a_signature_document_counts(bundle, people, signers, policy):
    document = by_key(bundle, people["ann"])[0]
    plain = json.loads(document.data)
    payload = base64.b64decode(plain["dsseEnvelope"]["payload"])
    for at in range(0, len(payload), 11):
        flipped = bytearray(payload)
        flipped[at] ^= 1
        plain["dsseEnvelope"]["payload"] = base64.b64encode(bytes(flipped)).decode()
        assert verdict(policy, bundle, [Evidence(SIGNED, canonical(plain))], signers.NOW) != []


def test_a_certificate_holds_until_it_expires(bundle, people, signers, policy):
    leaf = signers.certificate(people["bob"], people["root"], days=(-1, 10))
    documents = sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents
    assert verdict(policy, bundle, documents, signers.NOW) == []
    assert verdict(policy, bundle, documents, signers.NOW + timedelta(days=11)) != []


def test_an_attestation_is_given_out_only_for_its_bundle_and_signer(bundle, make, people, signers, policy):
    _, attestation = by_key(bundle, people["ann"])
    kind, predicate, signer = verify_attestation(attestation, bundle.digest, policy, signers.NOW)
    assert (kind, signer.name) == (PROVENANCE, "ann.pub")
    assert predicate["buildDefinition"]["buildType"] == "urn:trimtab:package:v1"
    other = make({"model/model.txt": b"other"})
    for evidence, digest in [
        (attestation, other.digest), (by_key(bundle, people["eve"])[1], bundle.digest),
        (by_key(bundle, people["ann"])[0], bundle.digest), (Evidence("text/plain", b""), bundle.digest),
    ]:  # fmt: skip
        with pytest.raises(RefusedError, match="P293"):
            verify_attestation(evidence, digest, policy, signers.NOW)


def test_what_documents_claim_is_shown_as_a_claim(bundle, people, signers):
    leaf = signers.certificate(people["bob"], people["foreign"])
    documents = sign_bundle(bundle, Credentials(people["bob"].private(), certificate=leaf)).documents
    [found, _] = claimed(bundle, documents)
    assert (found.signer, found.fault) == (None, "")
    assert found.claims.startswith("CN=bob,O=Example (sha256:")
    [key, _] = claimed(bundle, by_key(bundle, people["eve"]))
    assert key.claims.startswith("a key with the hint ")


def test_what_a_terminal_would_obey_is_shown_as_letters():
    assert printable("a\x1b[2Jb\n") == "a\\u001b[2Jb\\u000a"
    assert len(printable("x" * 1000)) == 303
