"""Signed statements as documents."""

import base64
import json

import pytest

from trimtab.bundle.evidence import LARGEST, Evidence
from trimtab.bundle.trust.envelope import INTOTO, SIGNED, STATEMENT, read_signed, signed
from trimtab.bundle.trust.keys import verify

PLAIN = {"_type": STATEMENT, "subject": [{"name": "a", "digest": {}}], "predicateType": "urn:x", "predicate": {"y": 1}}


@pytest.fixture
def document(people):
    return signed(PLAIN, people["ann"].key)


def test_what_was_signed_is_read_and_its_signature_is_over_the_encoding_of_dsse(document, people):
    found = read_signed(document)
    assert found.statement.predicate_type == "urn:x"
    payload = base64.b64decode(json.loads(document.data)["dsseEnvelope"]["payload"])
    assert found.message == b"DSSEv1 28 application/vnd.in-toto+json " + str(len(payload)).encode() + b" " + payload
    assert verify(people["ann"].key.public_key(), found.signatures, found.message)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda _: {}, "cannot be read"),
        (lambda plain: plain | {"mediaType": "application/json"}, "no in-toto statement"),
        (lambda plain: plain | {"verificationMaterial": 1}, "cannot be read"),
        (lambda plain: plain | {"dsseEnvelope": plain["dsseEnvelope"] | {"payloadType": "text/plain"}}, "no in-toto"),
        (lambda plain: plain | {"dsseEnvelope": plain["dsseEnvelope"] | {"payload": "?"}}, "cannot be read"),
        (lambda plain: plain | {"dsseEnvelope": plain["dsseEnvelope"] | {"payload": "e30="}}, "cannot be read"),
        (lambda plain: plain | {"dsseEnvelope": plain["dsseEnvelope"] | {"signatures": [{}]}}, "cannot be read"),
    ],
)
def test_what_is_no_signed_statement_says_so(document, change, what):
    data = json.dumps(change(json.loads(document.data))).encode()
    with pytest.raises(ValueError, match=what):
        read_signed(Evidence(SIGNED, data))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_bytes_that_are_no_document_end_in_words(data):
    with pytest.raises(ValueError, match="cannot be read"):
        read_signed(Evidence(SIGNED, data))


def test_other_media_types_and_giants_are_not_looked_at(document):
    with pytest.raises(ValueError, match="media type `text/plain`"):
        read_signed(Evidence("text/plain", document.data))
    with pytest.raises(ValueError, match="at most"):
        read_signed(Evidence(SIGNED, b" " * (LARGEST + 1)))


def test_a_truncated_document_is_never_taken(document):
    for end in range(0, len(document.data) - 2, 37):
        with pytest.raises(ValueError, match="cannot be read"):
            read_signed(Evidence(SIGNED, document.data[:end]))
    assert INTOTO.encode() in document.data
