"""When callers have to say who they are."""

from pathlib import Path

import pytest

from trimtab.server.guard.settings import ALGORITHMS, Certificates, GuardSettings, Issuer


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ({}, False),
        ({"hosts": ("a",), "proxies": ("::1",), "audit": Path("a")}, False),
        ({"keys": Path("keys.json")}, True),
        ({"issuers": (Issuer("idp", "https://login.example", ("churn",)),)}, True),
        ({"certificates": Certificates((Path("ca.pem"),))}, True),
    ],
)
def test_any_way_of_being_known_makes_it_ask(said, asks):
    assert GuardSettings(**said).asks is asks


def test_no_algorithm_shares_a_secret_or_signs_nothing():
    assert not [name for name in ALGORITHMS if name.startswith("HS") or name.lower() == "none"]
