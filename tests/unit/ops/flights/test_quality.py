from __future__ import annotations

import pytest
from tests.doubles.logged import NOON, Logging

from trimtab.core.flights import Moments
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.writer import Writer
from trimtab.ops.flights.quality import EVERY_S, Quality
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.ledger.flights import Begun


def standing(*measures, began=NOON - 5.0):
    plan = Plan(limits=tuple(Limit(name, at_least=0.5) for name in measures))
    return Standing("churn-1", Begun("churn", "churn:next", "", plan), began, began)


@pytest.fixture
def journal(tmp_path):
    """Answers 2 x of four requests, two in each arm, and what is known of them."""
    writer = Writer(open_folder(tmp_path / "journal"))
    log = Logging(writer)
    said = {"row": 0, "time": NOON + 10.0, "received": NOON + 10.0, "principal": "", "operator": True}
    for number, arm in enumerate(("champion", "champion", "challenger", "challenger", "")):
        id_ = log.ask(number, arm=arm, probability=0.5)
        log.tell("truth", id=id_, name="truth", value=float(2 * number if number != 1 else 7), **said)
        log.tell("truth", id=id_, name="revenue", value=10.0 * number, **said)
        log.tell("truth", id=id_, name="note", value="a word", **said)
    log.tell("feedback", id=id_, score=1.0, label=None, comment="", correction=None, **said)
    writer.close()
    return tmp_path / "journal"


def looked(quality, flight):
    quality(flight)
    quality.settle()
    return quality(flight)


def test_truths_are_quality_and_rewards_of_each_arm(journal):
    found = looked(Quality(journal), standing("accuracy", "revenue", "errors"))
    assert found["champion"] == {
        "accuracy": Moments(2, 1.0, 1.0, 0.0, 1.0), "revenue": Moments(2, 10.0, 100.0, 0.0, 10.0),
    }  # fmt: skip
    assert found["challenger"] == {
        "accuracy": Moments(2, 2.0, 2.0, 1.0, 1.0), "revenue": Moments(2, 50.0, 1300.0, 20.0, 30.0),
    }  # fmt: skip


def test_what_was_before_the_flight_and_what_is_no_number_do_not_count(journal):
    found = looked(Quality(journal), standing("accuracy", "note", "unheard", "feedback", began=NOON + 1.5))
    assert "champion" not in {arm for arm, measures in found.items() if measures}
    assert found["challenger"].keys() == {"accuracy"}


def test_it_is_read_now_and_then_and_never_where_no_limit_is_about_it(journal):
    now = [0.0]
    quality = Quality(journal, clock=lambda: now[0])
    assert looked(quality, standing("errors", "p99")) == {}
    first = looked(quality, standing("accuracy"))
    now[0] = EVERY_S - 1
    assert looked(quality, standing("revenue")) is first
    now[0] = EVERY_S
    assert "revenue" in looked(quality, standing("revenue"))["champion"]


def test_a_journal_that_is_not_there_is_said_once_and_stops_nobody(tmp_path):
    told, now = [], [0.0]
    quality = Quality(tmp_path, clock=lambda: now[0], tell=told.append)
    for at in (0.0, EVERY_S):
        now[0] = at
        assert looked(quality, standing("accuracy")) == {}
    assert told == [f"error[P904]: there is no journal in `{tmp_path}`"]
