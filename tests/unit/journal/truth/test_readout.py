"""Coverage, delay and what does not fit, of tables that are small enough to count by hand."""

import pytest

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.readout import Coverage, Readout, read_out

DAY = 86400.0


def truth(identity, value, received, **more):
    return Truth(identity, value, received, received, principal="a", **more)


def test_an_empty_journal_has_nothing_to_tell(world):
    assert read_out(world([])) == Readout(0, (), 0, 0, 0, 0, 0, None)


def test_of_answers_without_truth_nothing_is_known(world):
    tables = world([{"id": "x"}, {"id": "y", "status": 500}, {"id": "z", "row": None, "status": 422}])
    assert read_out(tables).answers == 1
    assert read_out(tables).coverage == (Coverage("churn", "", 1, 0, 0.0, 0, ()),)


def test_coverage_is_that_of_all_that_was_answered(world):
    """One of ten was logged, but every one of those with a large amount: each line stands for others."""
    asked = [{"id": f"small-{at}", "sampled": 0.1} for at in range(4)] + [{"id": "large", "sampled": 1.0}]
    asked.append({"id": "else", "endpoint": "fraud"})
    said = [truth("small-0", 1, DAY), truth("large", 1, 3 * DAY), truth("large", 0, 3 * DAY, name="paid")]
    known = {(one.endpoint, one.name): one for one in read_out(world(asked, said)).coverage}
    assert known["churn", "truth"].share == pytest.approx(11 / 41)
    assert known["churn", "paid"].share == pytest.approx(1 / 41)
    assert (known["churn", "truth"].answers, known["churn", "truth"].known) == (5, 2)
    assert known["churn", "truth"].delays_s == pytest.approx((2 * DAY, 2.8 * DAY, 2.98 * DAY))
    assert known["fraud", ""].share == 0


def test_delay_is_until_the_first_truth_and_never_negative(world):
    asked = [{"id": "x", "time": DAY}, {"id": "y", "time": DAY}]
    said = [truth("x", 1, 3 * DAY), truth("x", 0, 9 * DAY), truth("y", 1, 0.5 * DAY)]
    (coverage,) = read_out(world(asked, said)).coverage
    assert coverage.delays_s[0] == DAY
    assert max(coverage.delays_s) <= 2 * DAY


def test_what_does_not_fit_is_counted(world):
    said = [
        truth("x", 1, 1.0),
        truth("x", 1, 2.0),  # again
        truth("x", 0, 3.0),  # contradicts
        truth("nobody", 1, 4.0),
        truth("nobody", 1, 5.0),  # again
    ]
    felt = [Feedback(one, 1.0, 1.0, score=0.5, principal="a") for one in ("x", "x", "nobody")]
    found = read_out(world([{"id": "x"}], said, felt))
    assert (found.entries, found.again, found.unknown) == (3, 2, 1)
    assert (found.opinions, found.unknown_opinions, found.score) == (2, 1, 0.5)
    assert (found.coverage[0].known, found.coverage[0].contradictory) == (1, 1)


def test_what_contradicts_itself_is_not_known_where_the_policy_says_so(world):
    tables = world([{"id": "x"}, {"id": "y"}], [truth("x", 1, 1.0), truth("x", 0, 2.0), truth("y", 1, 2.0)])
    (coverage,) = read_out(tables, "none").coverage
    assert (coverage.known, coverage.share, coverage.contradictory) == (1, 0.5, 1)
    assert read_out(tables, "last").coverage[0].share == 1.0
