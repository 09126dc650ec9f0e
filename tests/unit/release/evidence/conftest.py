"""People who vouch for a bundle and say yes to it, and what they say."""

from __future__ import annotations

import pytest

from trimtab.bundle.trust.policy import NamedPem, Policy
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.attestations import Attestation, Measure
from trimtab.release.evidence.attest import attest
from trimtab.release.evidence.gather import Vouching, gather

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


@pytest.fixture(scope="session")
def people(signers):
    """Everybody, by name."""
    return signers.people()


@pytest.fixture(scope="session")
def certificates(signers, people):
    """Certificates, by name: of the authority, of one between, of Eve below it, and of Bob right below the root."""
    between = signers.certificate(people["between"], people["root"], authority=True)
    return {
        "root": signers.certificate(people["root"], authority=True),
        "between": between,
        "eve": signers.certificate(people["eve"], people["between"], mail="eve@example.com"),
        "bob": signers.certificate(people["bob"], people["root"], mail="bob@example.com"),
    }


@pytest.fixture(scope="session")
def now(signers):
    """When it all takes place, in seconds since 1970."""
    return signers.NOW.timestamp()


@pytest.fixture(scope="session")
def golden(now):
    """A kind of evidence with everything that it can hold."""
    measures = (Measure("rows", 20.0, "PASS", 20.0, "rows", 20, "all of them"), Measure("shift", None, "UNKNOWN"))
    return Attestation("golden", DIGEST, "PASS", now - 5, "ci@host", OTHER, "prod", measures, {"run": 7, "of": ["x"]})


@pytest.fixture(scope="session")
def approval(now):
    """A yes to the same bundle."""
    return Attestation("approval", DIGEST, "PASS", now - 1, "ann@host", environment="prod")


@pytest.fixture(scope="session")
def by(people):
    """Credentials of somebody with a key: by("ann")."""
    return lambda name: Credentials(people[name].private())


@pytest.fixture(scope="session")
def below(people, certificates):
    """Credentials of somebody with a certificate: below("eve", "between")."""

    def made(name, *chain):
        return Credentials(people[name].private(), "", certificates[name], tuple(certificates[one] for one in chain))

    return made


@pytest.fixture(scope="session")
def vouching(people, certificates):
    """Bob vouches, with a certificate too, and Ann says yes; so does Eve, with a certificate."""

    def named(name):
        return NamedPem(name, people[name].public.pem)

    authorities = (certificates["root"],)
    return Vouching(
        Policy((named("bob"),), authorities, frozenset({"bob@example.com"}), where="a file"),
        Policy((named("ann"),), authorities, frozenset({"eve@example.com"}), where="a file"),
    )


@pytest.fixture(scope="session")
def why(vouching, now):
    """The one reason for which a document does not count."""

    def said(document, digest=DIGEST, policy=vouching):
        found = gather([document], digest, policy, now)
        assert found.attestations == ()
        (fault,) = found.faults
        return fault.why

    return said


@pytest.fixture(scope="session")
def document(golden, by):
    """Bob's word for it."""
    return attest(golden, by("bob"))
