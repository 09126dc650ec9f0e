"""Signing a bundle."""

import pytest

from trimtab.bundle.trust.envelope import read_signed
from trimtab.bundle.trust.keys import fingerprint
from trimtab.bundle.trust.policy import NamedPem
from trimtab.bundle.trust.signing import Credentials, sign_bundle
from trimtab.bundle.trust.statements import PROVENANCE, WHOLE
from trimtab.core.errors import UserError


def test_the_same_bundle_and_key_give_the_same_two_documents(bundle, people):
    by = Credentials(people["ann"].private())
    made = sign_bundle(bundle, by)
    documents, key, subject = made.documents, made.fingerprint, made.subject
    assert sign_bundle(bundle, by) == made
    assert [read_signed(one).statement.predicate_type for one in documents] == [WHOLE, PROVENANCE]
    assert (key, subject) == (fingerprint(people["ann"].key.public_key()), "")
    assert b"tmp" not in b"".join(one.data for one in documents)


def test_a_password_opens_the_key_and_a_certificate_travels_with_its_chain(bundle, people, signers):
    root = signers.certificate(people["root"], authority=True)
    between = signers.certificate(people["between"], people["root"], authority=True)
    leaf = signers.certificate(people["ann"], people["between"])
    by = Credentials(people["ann"].private(b"secret"), "secret", leaf, (between, root))
    made = sign_bundle(bundle, by)
    documents, subject = made.documents, made.subject
    assert subject == "CN=ann,O=Example"
    assert len(read_signed(documents[0]).chain) == 3
    assert read_signed(documents[0]).hint == ""


def test_what_does_not_fit_together_is_refused(bundle, people, signers):
    leaf = signers.certificate(people["ann"], people["root"])
    for by in (
        Credentials(people["eve"].private(), certificate=leaf),
        Credentials(people["ann"].private(), chain=(leaf,)),
        Credentials(people["ann"].private(), certificate=NamedPem("x.crt", b"")),
        Credentials(people["ann"].public),
    ):
        with pytest.raises(UserError, match="P292"):
            sign_bundle(bundle, by)
