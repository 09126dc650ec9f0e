from __future__ import annotations

import pytest

from trimtab.core.deployment import Deployment
from trimtab.release.history import Release
from trimtab.release.ledger.releases import ReleaseBegun
from trimtab.release.moves import Flown, is_free, move_of
from trimtab.release.promotion.values import Judgement, Source

WANTED = Deployment("churn", "prod", "sha256:new")


def release(*steps, flight=False, owner="one", lease=100.0):
    begun = ReleaseBegun("r1", "prod", WANTED, None, Judgement("passed", ()), Source(), "ann", flight=flight)
    return Release(begun, 0.0, "ann", owner, lease, 60.0, steps)


ON, GOOD, ENDED, BAD = (Flown("f1", outcome) for outcome in (None, "promoted", "finished", "rolled back"))


@pytest.mark.parametrize(
    ("steps", "flight", "flown", "here", "move"),
    [
        ((), False, None, False, "apply"),
        (("applied",), False, None, False, "prove"),
        ((), True, None, False, "put beside"),
        (("beside",), True, None, True, "fly"),
        (("beside",), True, None, False, "put beside"),
        (("beside",), True, ON, False, "fly"),
        (("beside",), True, GOOD, False, "note flown"),
        (("beside",), True, ENDED, False, "note flown"),
        (("beside",), True, BAD, False, "go back"),
        (("beside",), True, Flown("f1", "refused"), False, "go back"),
        (("beside", "flown"), True, GOOD, False, "apply"),
        (("beside", "flown", "applied"), True, GOOD, False, "prove"),
    ],
)
def test_what_comes_next_is_read_from_what_is_written(steps, flight, flown, here, move):
    assert move_of(release(*steps, flight=flight), flown, "", here=here) == move


@pytest.mark.parametrize("steps", [(), ("beside",), ("beside", "flown"), ("applied",)])
def test_with_a_fault_it_goes_back_from_everywhere(steps):
    assert move_of(release(*steps), None, "it did not come up", here=True) == "go back"


@pytest.mark.parametrize(
    ("owner", "alive", "now", "free"),
    [
        ("one", True, 0.0, True),
        ("two", False, 0.0, True),
        ("two", True, 1000.0, False),
        ("two", None, 99.0, False),
        ("two", None, 100.0, True),
    ],
)
def test_it_is_taken_over_from_the_dead_and_the_silent_only(owner, alive, now, free):
    assert is_free(release(), owner, now, alive=alive) is free
