from __future__ import annotations

import pytest

from trimtab.release.flight.claims import claims_of
from trimtab.release.flight.plan import Limit, Plan


def test_each_number_of_a_limit_is_a_claim_of_its_own() -> None:
    claims = claims_of(Plan(limits=(Limit("errors", at_most=0.02, worse_by=0.01), Limit("auc", at_least=0.8))))
    assert [(one.measure, one.how, one.limit) for one in claims] == [
        ("errors", "at_most", 0.02),
        ("errors", "worse_by", 0.01),
        ("auc", "at_least", 0.8),
    ]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_chances_of_going_back_wrongly_add_up_to_alpha_and_a_proof_has_all_of_it(count: int) -> None:
    limits = tuple(Limit(f"m{at}", at_least=0.5) for at in range(count))
    claims = claims_of(Plan(limits=(*limits, Limit("warns", at_most=1.0, warn_only=True)), alpha=0.06))
    assert sum(one.harm for one in claims if not one.warn_only) == pytest.approx(0.06)
    assert {one.proof for one in claims} == {0.06}
    assert claims[-1].harm == 0.06


def test_a_limit_of_nothing_claims_nothing() -> None:
    assert claims_of(Plan(limits=(Limit("errors"),))) == ()
    assert claims_of(Plan(limits=())) == ()
