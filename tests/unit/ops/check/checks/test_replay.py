from dataclasses import dataclass

import pytest

from trimtab.ops.check.checks.replay import check, measure_of
from trimtab.ops.check.subject import CannotError
from trimtab.ops.replay.estimate import Share
from trimtab.release.flight.plan import Limit


@dataclass
class Group:
    words: str


@dataclass
class Report:
    changed: Share
    groups: tuple[Group, ...] = ()


def share(value, low, high):
    return Share(value, low, high, 500, int(value * 500), 500, 500.0, 500.0)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [((0.0, 0.0, 0.005), "PASS"), ((0.2, 0.15, 0.25), "FAIL"), ((0.005, 0.0, 0.02), "UNKNOWN")],
)
def test_so_many_decisions_may_change(changed, verdict):
    found = measure_of(Report(share(*changed), (Group("plan = plus"),)), 0.01, warn_only=False)
    assert (found.verdict, found.limit, found.count) == (verdict, 0.01, 500)
    assert "most where plan = plus" in found.says
    warned = measure_of(Report(share(*changed)), 0.01, warn_only=True)
    assert warned.verdict == ("PASS" if verdict == "PASS" else "WARN")


def test_without_a_journal_or_a_limit_it_is_unknown(subject, bench, tmp_path):
    with pytest.raises(CannotError, match="there is no journal"):
        check(subject(limits=(Limit("disagreement", at_most=0.1),)), bench())
    with pytest.raises(CannotError, match="how many decisions may change"):
        check(subject(journal=tmp_path), bench())
