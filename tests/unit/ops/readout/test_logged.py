"""A flight out of a journal: both arms, the share from the chance, parts by a column."""

import numpy as np
import pytest
from tests.doubles.flights_logged import SHARE
from tests.doubles.logged import NOON

from trimtab.core.errors import UserError
from trimtab.journal.query.sources import Period
from trimtab.ops.readout.logged import Asked, answers_of, parts_of
from trimtab.ops.readout.looks import looks_of_answers
from trimtab.ops.readout.readout import readout


def test_answers_are_those_of_the_flight_in_order(journal, logged):
    _, own, failed = logged
    answers, _ = answers_of(journal, Asked("churn"))
    assert answers.own.tolist() == own.tolist()
    assert answers.failed.tolist() == failed.tolist()
    assert set(answers.share.tolist()) == {SHARE}
    assert np.all(np.diff(answers.times) >= 0)


def test_a_measure_is_what_somebody_asks_for(journal):
    answers, _ = answers_of(journal, Asked("churn", measures={"odd": "in_x > 3", "x": "in_x"}))
    assert answers.measures["odd"].tolist() == [float(at % 8 > 3) for at in range(len(answers))]
    assert answers.measures["x"].mean() == pytest.approx(3.5)


def test_parts_show_for_whom_it_fails(journal):
    answers, column = answers_of(journal, Asked("churn", by="plan"))
    parts = parts_of(answers, column, "plan")
    assert list(parts) == ["plan = `basic`", "plan = `family`"]
    found = readout("f", looks_of_answers(answers), 0.05, parts)
    words = {part.words: part.effects[0].word for part in found.parts}
    assert (words["plan = `basic`"] != "worse", words["plan = `family`"]) == (True, "worse")


def test_numbers_are_parted_into_ranges(journal):
    answers, column = answers_of(journal, Asked("churn", by="x"))
    parts = parts_of(answers, column, "x")
    assert 2 <= len(parts) <= 4
    total = sum(
        one.counts.champion.requests + one.counts.challenger.requests
        for looks in parts.values() for one in looks[-1].strata
    )  # fmt: skip
    assert total == len(answers)
    assert next(iter(parts)).startswith("x < `")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked("other"), "P435"),
        (Asked("churn", Period(NOON + 9999, None)), "P435"),
        (Asked("churn", by="plann"), "P933"),
        (Asked("churn", measures={"m": "1) FROM (SELECT 1"}), "P932"),
    ],
)
def test_what_is_not_there_is_named(journal, asked, code):
    with pytest.raises(UserError, match=code):
        answers_of(journal, asked)
