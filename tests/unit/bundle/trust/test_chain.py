"""Certificates below an authority."""

from datetime import UTC, datetime, timedelta

import pytest

from trimtab.bundle.trust.chain import names_of, signer_of
from trimtab.bundle.trust.keys import certificates
from trimtab.bundle.trust.policy import Policy

NOW = datetime(2030, 6, 1, tzinfo=UTC)
ANN = "CN=ann,O=Example"


def policy(root, *subjects):
    return Policy(authorities=(root,), subjects=frozenset(subjects or {ANN}))


def chain(*files):
    return [one for file in files for one in certificates(file)]


@pytest.fixture
def certificate(signers):
    return signers.certificate


@pytest.fixture
def root(people, certificate):
    return certificate(people["root"], authority=True)


def test_a_named_signer_below_the_authority_is_known_also_with_one_between(people, certificate, root):
    leaf = certificate(people["ann"], people["root"], mail="ann@example.com")
    found = signer_of(chain(leaf), policy(root), NOW)
    assert (found.name, found.issuers) == (ANN, ("CN=root,O=Example",))
    assert signer_of(chain(leaf), policy(root, "ann@example.com"), NOW).name == "ann@example.com"
    assert names_of(chain(leaf)[0]) == (ANN, "ann@example.com")
    between = certificate(people["between"], people["root"], authority=True)
    below = certificate(people["ann"], people["between"])
    found = signer_of(chain(below, between), policy(root), NOW)
    assert found.issuers == ("CN=between,O=Example", "CN=root,O=Example")
    with pytest.raises(ValueError, match="certificate of"):
        signer_of(chain(below), policy(root), NOW)


@pytest.mark.parametrize(
    ("leaf", "what"),
    [
        ({"days": (-10, -1)}, "not valid at validation time"),
        ({"days": (1, 10)}, "not valid at validation time"),
        ({"issuer": "foreign"}, "candidates exhausted"),
        ({"issuer": None}, "certificate of `CN=ann,O=Example`"),
        ({"signs": False}, "not for signing"),
        ({"subject": "eve"}, "does not name `CN=eve,O=Example`"),
    ],
)
def test_what_does_not_hold_is_refused_with_why(people, certificate, root, leaf, what):
    said = {"subject": "ann", "issuer": "root", **leaf}
    issuer = people[said.pop("issuer")] if said["issuer"] else said.pop("issuer")
    made = certificate(people[said.pop("subject")], issuer, **said)
    with pytest.raises(ValueError, match=what):
        signer_of(chain(made), policy(root), NOW)


def test_an_authority_does_not_sign_models_and_a_signer_is_no_authority(people, certificate, root):
    with pytest.raises(ValueError, match=r"itself one of an authority|is not for signing"):
        signer_of(chain(root), policy(root, "CN=root,O=Example"), NOW)
    leaf = certificate(people["ann"], people["root"])
    forged = certificate(people["eve"], people["ann"])
    with pytest.raises(ValueError, match="certificate of"):
        signer_of(chain(forged, leaf), policy(root, "CN=eve,O=Example"), NOW)
    with pytest.raises(ValueError, match="itself one of an authority"):
        signer_of(chain(leaf), policy(leaf), NOW)


def test_an_authority_that_has_expired_vouches_for_nobody(people, certificate):
    old = certificate(people["root"], authority=True, days=(-10, 10))
    leaf = certificate(people["ann"], people["root"])
    assert signer_of(chain(leaf), policy(old), NOW)
    with pytest.raises(ValueError, match="certificate of"):
        signer_of(chain(leaf), policy(old), NOW + timedelta(days=11))
    with pytest.raises(ValueError, match="names no authority"):
        signer_of(chain(leaf), Policy(), NOW)
