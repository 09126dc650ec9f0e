"""What a person is shown of a replay: a line a topic."""

from dataclasses import replace

import pytest
from tests.doubles.replayed import evil_report

from trimtab.cli.replayed import lines


@pytest.fixture
def report():
    return evil_report()


def test_every_topic_has_its_line(report):
    found = list(lines(report, 0.01))
    topics = [topic for topic, _ in found]
    assert list(dict.fromkeys(topics)) == [
        "replayed", "candidate", "against", "decision", "changed", "limit", "lost", "error", "recovered", "segment",
        "move", "number", "latency", "recorded", "note",
    ]  # fmt: skip
    said = dict(found)
    assert said["limit"] == "more than 1 % change"
    assert said["changed"].endswith("of 997 decisions, which stand for 1,994")
    assert said["against"] == "what was answered then, by sha256:222222222222 (900 rows), nobody (100 rows)"
    assert said["latency"].endswith("a call of one row 1 ms, 99 % within 2 ms")


def test_what_is_not_there_has_none(report):
    bare = replace(report, causes=(), cause_ids=(), moves=(), scores=(), groups=(), notes=(), timing=None, failed=0)
    bare = replace(bare, lost=replace(report.lost, count=0))
    assert [topic for topic, _ in lines(bare)] == ["replayed", "candidate", "against", "decision", "changed"]
