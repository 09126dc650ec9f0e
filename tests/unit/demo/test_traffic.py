"""How the live month is cut into requests, and what is said of the answers."""

import asyncio
import json
import math

import numpy as np
import pytest


@pytest.fixture(scope="module")
def traffic(demo):
    return demo("traffic")


def sent(traffic, rows, seconds, start=0):
    return traffic.Sent(start, start + rows, seconds, b"{}")


def test_the_summary_counts_requests_rows_and_quantiles(traffic):
    days = [
        traffic.Day("batch", 2.0, [sent(traffic, 3, milliseconds / 1e3) for milliseconds in range(1, 51)]),
        traffic.Day("batch", 3.0, [sent(traffic, 1, milliseconds / 1e3) for milliseconds in range(51, 102)]),
    ]
    assert traffic.summary(days) == {
        "requests": 101, "rows": 201, "requests_per_s": 20, "rows_per_s": 40,
        "p50_ms": 51.0, "p95_ms": 96.0, "p99_ms": 100.0,
    }  # fmt: skip


def test_a_kind_without_requests_has_no_rates(traffic):
    said = traffic.summary([])
    assert (said["requests"], said["rows"]) == (0, 0)
    assert "requests_per_s" not in said
    assert all(math.isnan(said[f"p{which}_ms"]) for which in (50, 95, 99))


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (5, 500), (0, 64), (7, 7)])
def test_batches_cover_every_row_once(traffic, start, stop):
    cuts = list(traffic.batches(start, stop, np.random.default_rng(1)))
    assert (cuts[0], cuts[-1]) == (start, stop)
    sizes = np.diff(cuts)
    assert (sizes[:-1] >= traffic.BATCH[0]).all()
    assert (sizes <= traffic.BATCH[1]).all()
    assert sizes.sum() == stop - start


def test_an_answer_has_as_many_rows_as_its_request(traffic):
    body = json.dumps({"id": "3f-1", "rows": [{"p": 0.5}, {"p": 0.25}]}).encode()
    rows = traffic.rows_of(traffic.Sent(3, 5, 0.1, body))
    assert rows == [{"p": 0.5, "id": "3f-1", "row": 0}, {"p": 0.25, "id": "3f-1", "row": 1}]
    with pytest.raises(ValueError, match="2 answers to 3 rows"):
        traffic.rows_of(traffic.Sent(3, 6, 0.1, body))


class Echo:
    """A connection in memory that answers with what it was asked."""

    async def ask(self, body):
        await asyncio.sleep(0)
        return body


def test_every_request_of_a_day_is_sent_once_over_all_connections(traffic):
    bodies = [(row, row + 1, str(row).encode()) for row in range(20)]
    answered = asyncio.run(traffic.play_day([Echo(), Echo(), Echo()], iter(bodies)))
    assert sorted((one.start, one.stop, one.answer) for one in answered) == bodies
    assert all(one.seconds >= 0 for one in answered)
