"""Whose call it is: proxies are believed as far as they are named, and nobody else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.guard.clients import Clients

PROXIES = ("10.0.0.0/8", "fd00::/8", "192.0.2.200")
PEER = "10.0.0.1"


def old(value: str | bytes) -> dict[bytes, bytes]:
    return {b"x-forwarded-for": value if isinstance(value, bytes) else value.encode()}


def new(value: str | bytes) -> dict[bytes, bytes]:
    return {b"forwarded": value if isinstance(value, bytes) else value.encode()}


@pytest.fixture(scope="module")
def clients() -> Clients:
    return Clients(PROXIES)


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        ("", "local"),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("no address", "unknown"),
    ],
)
def test_a_peer_is_named_by_its_address(clients, peer, name):
    assert clients.of(peer, {}) == name


def test_all_addresses_of_one_network_of_ipv6_are_one_caller(clients):
    assert len({clients.of(f"2001:db8:1:2:{n:x}::{n:x}", {}) for n in range(1, 1000)}) == 1
    assert clients.of("2001:db8:1:3::1", {}) != clients.of("2001:db8:1:2::1", {})


@pytest.mark.parametrize("header", [old, new])
def test_a_thousand_forged_addresses_of_one_peer_are_one_client(clients, header):
    forged = [f"198.51.{n // 250}.{n % 250}" for n in range(1000)]
    word = "for=" if header is new else ""
    assert {clients.of("203.0.113.5", header(word + one)) for one in forged} == {"203.0.113.5"}
    through = {clients.of(PEER, header(f"{word}{one}, {word}203.0.113.5")) for one in forged}
    assert through == {"203.0.113.5"}
    assert {clients.of("", header(word + one)) for one in forged} == {"local"}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5, 10.1.1.1,10.2.2.2", "203.0.113.5"),
        ("203.0.113.5, 192.0.2.200", "203.0.113.5"),
        ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("2001:db8::7", "2001:db8::/64"),
        ("[2001:db8::7]:443", "2001:db8::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("::ffff:10.9.9.9", "10.9.9.9"),
        ("203.0.113.5, fd00::1", "203.0.113.5"),
        ("", PEER),
        ("unknown", PEER),
        ("203.0.113.5, unknown, 10.2.2.2", "10.2.2.2"),
        ("203.0.113.5, , 10.2.2.2", "10.2.2.2"),
        ("203.0.113.5,", PEER),
        ("203.0.113.05", PEER),
        ("203.0.113.5 evil", PEER),
        ("1" * 100, PEER),
        (b"\xff\xfe", PEER),
    ],
)
def test_what_a_proxy_says_of_the_caller_is_read_from_the_right(clients, value, name):
    assert clients.of(PEER, old(value)) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("for=203.0.113.5", "203.0.113.5"),
        ("FOR=203.0.113.5:4711;proto=https;by=10.0.0.1", "203.0.113.5"),
        ('by=10.0.0.1; for="203.0.113.5:4711" ;host="a, b;c"', "203.0.113.5"),
        ('for=198.51.100.1, for="[2001:db8::7]:443";proto=https, for=10.1.1.1', "2001:db8::/64"),
        ('For="[2001:DB8::7]"', "2001:db8::/64"),
        ("for=203.0.113.5, for=unknown, for=10.2.2.2", "10.2.2.2"),
        ("for=203.0.113.5, for=_hidden, for=10.2.2.2", "10.2.2.2"),
        ('for="_gazonk"', PEER),
        ("proto=https", PEER),
        ("for=203.0.113.5;for=203.0.113.6", PEER),
        ("for=203.0.113.5;proto=https;for=203.0.113.6", PEER),
        ("203.0.113.5", PEER),
        ("for=", PEER),
        ("", PEER),
        (";;;,,,", PEER),
        ("for=203.0.113.5, nonsense, for=10.2.2.2", "10.2.2.2"),
        # what a caller opens cannot swallow what the proxy writes behind it
        ('for="198.51.100.1, for=203.0.113.5', "203.0.113.5"),
        ('for="198.51.100.1;x=", for="[2001:db8::7]:443"', "2001:db8::/64"),
        ('for="198.51.100.1\\", for=203.0.113.5', "203.0.113.5"),
    ],
)
def test_the_header_of_rfc_7239_is_read_from_the_right_too(clients, value, name):
    assert clients.of(PEER, new(value)) == name


def test_two_headers_have_to_agree_since_a_proxy_may_let_one_of_the_callers_through(clients):
    assert clients.of(PEER, new("for=203.0.113.5") | old("198.51.100.1, 203.0.113.5")) == "203.0.113.5"
    assert clients.of(PEER, new("for=198.51.100.9") | old("203.0.113.5")) == PEER


def test_a_long_header_is_read_at_its_end_only_and_in_no_time(clients):
    start = time.process_time()
    for value in ("198.51.100.1," * 100_000, "," * 1_000_000, '"' * 1_000_000, " " * 1_000_000, "[:" * 500_000):
        assert clients.of(PEER, old(value + ", 203.0.113.5")) == "203.0.113.5"
        assert clients.of(PEER, new(value + ", for=203.0.113.5")) == "203.0.113.5"
        assert clients.of(PEER, new("for=" + value)) == PEER
    assert time.process_time() - start < 1.0


def test_no_more_than_fifty_hops_are_walked(clients):
    hops = ["203.0.113.5", *(f"10.0.1.{n}" for n in range(50, 0, -1))]
    assert clients.of(PEER, old(", ".join(hops))) == "10.0.1.50"
    assert clients.of(PEER, new(", ".join(f"for={hop}" for hop in hops))) == "10.0.1.50"
    assert clients.of(PEER, old(", ".join(hops[:1] + hops[2:]))) == "203.0.113.5"


@pytest.mark.parametrize("bad", ["10.0.0.1/8", "300.1.1.1", "proxy.example", "", "10.0.0.0/33"])
def test_what_is_no_network_is_said(bad):
    with pytest.raises(ValueError, match=r"is not a network, such as"):
        Clients(["10.0.0.0/8", bad])


words = st.sampled_from(
    ["for", "=", '"', ",", ";", " ", "\\", "10.0.0.2", "203.0.113.5", "[2001:db8::7]", "unknown", "_x", ":80", "proto"]
)


@given(st.lists(words, max_size=25).map("".join), st.booleans())
def test_whatever_a_caller_sends_the_address_that_the_proxy_adds_is_the_callers(text, is_new):
    header = new(f"{text}, for=198.51.100.77") if is_new else old(f"{text}, 198.51.100.77")
    assert Clients(PROXIES).of(PEER, header) == "198.51.100.77"


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_bytes_are_too_much(forwarded, x_forwarded_for):
    headers = {b"forwarded": forwarded, b"x-forwarded-for": x_forwarded_for}
    assert isinstance(Clients(PROXIES).of(PEER, headers), str)
