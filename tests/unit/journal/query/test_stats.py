"""What a journal holds, counted."""

from __future__ import annotations

from tests.doubles.logged import NOON, schema_of

from trimtab.journal.query.filter import Filter
from trimtab.journal.query.stats import stats
from trimtab.journal.segments.frames import Frame, Kind


def test_interactions_are_counted_by_endpoint_and_revision(logging, sealed, opened):
    sealed(0, 1, rows=2, seconds=0.002)
    log = logging(schema_of(revision="sha256:two"))
    log.ask(2, rows=3, seconds=0.5)
    log.ask(3, rows=1, status=500, error="P310", seconds=0.1)
    found = stats(opened(), Filter())
    one, two = found.counts
    assert (one.endpoint, one.revision, one.interactions, one.rows, one.failed) == ("churn", "sha256:one", 2, 4, 0)
    assert (two.interactions, two.rows, two.failed) == (2, 4, 1)
    assert (one.first.timestamp(), two.last.timestamp()) == (NOON, NOON + 3)
    assert (one.median_s, round(two.median_s, 6)) == (0.002, 0.3)
    assert (found.files, found.segments) == (1, 1)
    assert found.file_bytes > 1000
    assert found.segment_bytes > 100


def test_only_what_is_wanted_is_counted(logging, opened):
    log = logging()
    for number in range(4):
        log.ask(number, status=200 if number else 404)
    (count,) = stats(opened(), Filter(errors=True)).counts
    assert (count.interactions, count.failed) == (1, 1)
    assert stats(opened(), Filter(endpoint="other")).counts == ()


def test_what_was_not_kept_is_told_with_its_reason(logging, opened):
    log = logging()
    for count in (3, 4):
        gap = b'{"time": %d, "why": "disk full", "count": %d}' % (NOON + count, count)
        log.writer.write([Frame(Kind.GAP, gap)])
    (lost,) = stats(opened(), Filter()).lost
    assert (lost.why, lost.count, lost.last.timestamp()) == ("disk full", 7, NOON + 4)
