"""Who may bring a bundle."""

from trimtab.bundle.store import Store
from trimtab.cli.trusting import trust_of


def test_without_a_policy_what_is_whole_is_taken(here, answering):
    trust = trust_of(Store(here / ".trimtab"), None)
    assert trust(answering, ()) is None
