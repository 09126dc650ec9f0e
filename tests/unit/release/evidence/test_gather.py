import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.release.evidence.conftest import DIGEST, OTHER

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.manifest import canonical
from trimtab.bundle.trust.envelope import SIGNED, signed
from trimtab.bundle.trust.keys import fingerprint, private_key
from trimtab.bundle.trust.policy import Policy
from trimtab.bundle.trust.statements import PROVENANCE, WHOLE
from trimtab.release.evidence.attest import attest
from trimtab.release.evidence.gather import Vouching, gather
from trimtab.release.evidence.statements import statement_of


def changed(document, change):
    """The same document with its JSON changed."""
    return Evidence(document.media_type, canonical(change(json.loads(document.data))))


def with_payload(document, change):
    def inner(plain):
        envelope = plain["dsseEnvelope"]
        payload = canonical(change(json.loads(base64.b64decode(envelope["payload"]))))
        return plain | {"dsseEnvelope": envelope | {"payload": base64.b64encode(payload).decode()}}

    return changed(document, inner)


def with_signatures(plain, change):
    envelope = plain["dsseEnvelope"]
    return plain | {"dsseEnvelope": envelope | {"signatures": change(envelope["signatures"][0])}}


def test_what_counts_has_its_signer_and_its_key(document, golden, people, vouching, now):
    found = gather([document], DIGEST, vouching, now)
    key = fingerprint(people["bob"].key.public_key())
    assert found.attestations == (replace(golden, signer="bob", key=key),)
    assert found.faults == ()
    assert [len(name) for name in found.documents] == [64]


def test_a_document_counts_once_and_the_order_does_not_matter(document, approval, by, vouching, now):
    more = attest(approval, by("ann"))
    found = gather([document, more, document], DIGEST, vouching, now)
    assert found == gather([more, document], DIGEST, vouching, now)
    assert len(found.attestations) == len(found.documents) == 2


def test_with_a_certificate_it_is_the_name_in_it_that_counts(golden, approval, below, vouching, now):
    documents = [attest(golden, below("bob")), attest(approval, below("eve", "between"))]
    found = gather(documents, DIGEST, vouching, now)
    assert {one.signer for one in found.attestations} == {"bob@example.com", "eve@example.com"}


def test_a_certificate_that_has_ended_counts_no_more(approval, below, vouching, now):
    found = gather([attest(approval, below("eve", "between"))], DIGEST, vouching, now + 366 * 86400)
    assert found.attestations == ()
    assert "the certificate of" in found.faults[0].why


def test_nobody_counts_where_nobody_is_named(document, approval, by, why):
    nobody = Vouching()
    assert "by no key that the policy names" in why(document, policy=nobody)
    assert "by no key that the policy names" in why(attest(approval, by("ann")), policy=nobody)


@pytest.mark.parametrize(
    ("kind", "who", "words"),
    [
        ("approval", "bob", "`bob` may vouch for what was found, and nothing else"),
        ("golden", "ann", "`ann` may say yes, and nothing else"),
        ("approval", "eve", "by no key that the policy names"),
        ("golden", "eve", "by no key that the policy names"),
    ],
)
def test_who_may_say_the_one_may_not_say_the_other(golden, by, why, kind, who, words):
    assert words in why(attest(replace(golden, kind=kind), by(who)))


def test_a_certificate_for_the_one_does_not_count_for_the_other(golden, approval, below, why):
    assert "may say yes, and nothing else" in why(attest(golden, below("eve", "between")))
    assert "may vouch for what was found" in why(attest(approval, below("bob")))


def test_a_key_beside_a_certificate_does_not_stand_in_for_it(golden, below, why, vouching):
    no_authority = replace(vouching, findings=Policy(vouching.findings.keys))
    assert "names no authority" in why(attest(golden, below("bob")), policy=no_authority)


def test_what_is_about_another_bundle_does_not_count(golden, by, why):
    assert "about another bundle" in why(attest(replace(golden, digest=OTHER), by("bob")))
    assert "about another bundle" in why(attest(golden, by("bob")), digest=OTHER)


def test_signatures_and_provenance_are_none_of_a_gates_and_what_nobody_knows_is_said(people, vouching, now, golden):
    key = private_key(people["bob"].private())
    others = [signed(statement_of(golden) | {"predicateType": says}, key) for says in (WHOLE, PROVENANCE)]
    assert gather(others, DIGEST, vouching, now).faults == ()
    strange = signed(statement_of(golden) | {"predicateType": "urn:other\x1b[2J"}, key)
    (fault,) = gather([strange, *others], DIGEST, vouching, now).faults
    assert (fault.kind, fault.why) == ("urn:other\\u001b[2J", "it is no evidence that trimtab knows")


FIELDS = {
    "_type": lambda said: said | {"_type": said["_type"] + "x"},
    "kind": lambda said: said | {"predicateType": "urn:trimtab:evidence:tests:v1"},
    "yes": lambda said: said | {"predicateType": "urn:trimtab:evidence:approval:v1"},
    "digest": lambda said: said | {"subject": [{"digest": {"sha256": "b" * 64}}]},
    **{
        name: lambda said, name=name, value=value: said | {"predicate": said["predicate"] | {name: value}}
        for name, value in {
            "verdict": "FAIL", "made": 1.0, "by": "eve", "against": "", "environment": "dev", "measures": [],
            "facts": {},
        }.items()
    },
    "nothing but a blank at the end": lambda said: said,
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_that_was_changed_is_refused(document, why, field):
    forged = with_payload(document, FIELDS[field])
    if field == "nothing but a blank at the end":
        assert forged == document
        plain = json.loads(document.data)
        payload = base64.b64decode(plain["dsseEnvelope"]["payload"]) + b" "
        plain["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
        forged = Evidence(SIGNED, canonical(plain))
    assert why(forged) in (
        "it is by no key that the policy names, or was changed",
        "it is no in-toto statement in a Sigstore bundle 0.3",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain | {"mediaType": "x"},
        lambda plain: plain | {"more": 1},
        lambda plain: plain | {"verificationMaterial": {"publicKey": {"hint": "0" * 64}, "tlogEntries": []}},
        lambda plain: plain | {"verificationMaterial": plain["verificationMaterial"] | {"tlogEntries": [1]}},
        lambda plain: plain | {"verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []}},
        lambda plain: plain | {"dsseEnvelope": plain["dsseEnvelope"] | {"payloadType": "text/plain"}},
        lambda plain: with_signatures(plain, lambda _: []),
        lambda plain: with_signatures(plain, lambda one: [one, one]),
        lambda plain: with_signatures(plain, lambda one: [one | {"keyid": "x"}]),
    ],
)  # fmt: skip
def test_what_no_signature_covers_cannot_be_changed_either(document, why, change):
    assert changed(document, lambda plain: plain) == document
    assert why(changed(document, change))


def test_the_same_in_another_form_is_refused(document, why):
    plain = json.loads(document.data)
    for data in (json.dumps(plain).encode(), document.data + b"\n", b" " + document.data, document.data.rstrip(b"\n")):
        assert "no signature covers" in why(Evidence(SIGNED, data))
    assert "media type" in why(Evidence("application/json", document.data))


def test_every_byte_counts(document, vouching, now):
    """Each byte of the document, one after the other, with one of its bits turned, or put to something else."""
    size = len(document.data)
    for at in range(size):
        for byte in {document.data[at] ^ (1 << at % 7), ord("A") if document.data[at] != ord("A") else ord("B")}:
            forged = Evidence(SIGNED, document.data[:at] + bytes([byte]) + document.data[at + 1 :])
            found = gather([forged], DIGEST, vouching, now)
            assert not found.attestations, (at, byte)
            assert found.faults[0].why, at


def test_every_byte_counts_with_certificates(approval, below, vouching, now):
    document = attest(approval, below("eve", "between"))
    assert gather([document], DIGEST, vouching, now).attestations
    for at in range(len(document.data)):
        byte = document.data[at] ^ (1 << at % 7)
        forged = Evidence(SIGNED, document.data[:at] + bytes([byte]) + document.data[at + 1 :])
        found = gather([forged], DIGEST, vouching, now)
        assert not found.attestations, at
        assert found.faults[0].why, at


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_range_of_bytes_counts(document, vouching, now, data):
    size = len(document.data)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, min(size, start + 80)))
    put = data.draw(st.binary(max_size=40) | st.sampled_from([b" ", b"\n", b'"x":1,', document.data[:40]]))
    forged = Evidence(SIGNED, document.data[:start] + put + document.data[end:])
    if forged == document:
        return
    found = gather([forged], DIGEST, vouching, now)
    assert not found.attestations
    assert found.faults[0].why


def test_envelopes_cannot_be_swapped(document, approval, golden, by, why):
    other = attest(replace(golden, verdict="FAIL"), by("bob"))
    yes = attest(approval, by("ann"))
    for taken in (other, yes):
        plain, foreign = json.loads(document.data), json.loads(taken.data)
        for part in ("payload", "signatures"):
            mixed = plain | {"dsseEnvelope": plain["dsseEnvelope"] | {part: foreign["dsseEnvelope"][part]}}
            assert "was changed" in why(Evidence(SIGNED, canonical(mixed)))


def test_a_certificate_that_nobody_asked_for_is_refused(approval, below, why):
    assert "certificates that nobody asked for" in why(attest(approval, below("eve", "between", "root")))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\x00", b"[" * 50_000])
def test_bytes_that_are_no_document_are_refused_with_a_reason(why, data):
    assert "it cannot be read" in why(Evidence(SIGNED, data))
