"""Who the holder of a certificate is, and what it may: certificates as `ssl` reads them, and connections in memory."""

import pytest

from trimtab.server.guard.certificates import known_of, peer_of
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Grant, Principal
from trimtab.server.guard.settings import Certificates

READ, INFER, OPERATE = Grant("read"), Grant("infer", "churn-*"), Grant("operate")
UNTIL, SECONDS = "Jan  5 09:34:43 2018 GMT", 1515144883  # the example of `ssl.cert_time_to_seconds`
SAID = Certificates(
    (),
    grants=(READ,),
    names={
        "spiffe://house/ci": (INFER,),
        "ci.house": (OPERATE, READ),
        "ci@house": (Grant("feedback"),),
        "common": (OPERATE,),
    },
)


def said(*others, common=("common",), until=UNTIL):
    return {
        "subject": ((("organizationName", "House"),), *((("commonName", one),) for one in common)),
        "subjectAltName": others,
        "notAfter": until,
    }


@pytest.mark.parametrize(
    ("others", "name", "grants"),
    [
        ([("DNS", "x"), ("URI", "spiffe://house/ci"), ("email", "y")], "spiffe://house/ci", (READ, INFER)),
        ([("email", "a@b"), ("DNS", "first"), ("DNS", "second")], "first", (READ,)),
        ([("email", "ci@house")], "ci@house", (READ, Grant("feedback"))),
        ([("DNS", "other"), ("DNS", "ci.house")], "other", (READ, OPERATE)),
        ([("URI", "spiffe://house/ci"), ("DNS", "ci.house")], "spiffe://house/ci", (READ, INFER, OPERATE)),
        ([("URI", "spiffe://house/CI")], "spiffe://house/CI", (READ,)),
        ([], "common", (READ, OPERATE)),
        ([("IP Address", "192.0.2.7"), ("DNS", "")], "common", (READ, OPERATE)),
        ([("DNS", "common")], "common", (READ, OPERATE)),
    ],
)
def test_the_first_name_is_the_caller_s_and_every_name_has_its_grants(others, name, grants):
    known = known_of(said(*others), SAID)
    assert known.principal == Principal(f"certificate:{name}", grants, "certificate")
    assert known.until == SECONDS


def test_the_common_name_counts_only_where_there_is_no_other():
    known = known_of(said(("DNS", "x"), common=("common",)), SAID)
    assert known.principal.grants == (READ,)


def test_of_several_common_names_the_innermost_counts():
    assert known_of(said(common=("common", "inner")), SAID).principal.name == "certificate:inner"


def test_who_has_no_name_at_all_is_nobody():
    assert known_of(said(common=()), SAID) is None
    assert known_of({"notAfter": UNTIL}, SAID) is None


class Transport:
    """A connection that was made."""

    def __init__(self, peername, cert=None):
        self.said = {"peername": peername, "peercert": cert}

    def get_extra_info(self, name):
        return self.said[name]


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.0.2.7", 80), "192.0.2.7"),
        (("::ffff:192.0.2.7", 80, 0, 0), "192.0.2.7"),
        (("2001:db8::7", 80, 0, 0), "2001:db8::7"),
        (("fe80::7%eth0", 80, 0, 2), "fe80::7%eth0"),
        ("", ""),
        (None, ""),
        (b"\0name", ""),
    ],
)
def test_a_peer_has_the_address_of_its_machine(peername, address):
    assert peer_of(Transport(peername), None) == Peer(address)


def test_a_peer_is_known_where_certificates_are_asked_for():
    known = peer_of(Transport(None, said()), SAID).certificate
    assert known == known_of(said(), SAID)
    assert peer_of(Transport(None, said()), None).certificate is None


@pytest.mark.parametrize("nothing", [None, {}])
def test_who_shows_none_is_not_known_by_one(nothing):
    assert peer_of(Transport(None, nothing), SAID).certificate is None
