from __future__ import annotations

from trimtab.server.gateway.around import Side
from trimtab.server.gateway.backends import Backend
from trimtab.server.routing.sums import Totals

ONE, TWO = Backend("http", "a", 1), Backend("http", "b", 1)


def side(backend: Backend) -> Side:
    return Side("champion", backend, None, b"")  # type: ignore[arg-type]


def test_answers_are_counted_by_who_gave_them_as_long_as_it_is_there():
    totals = Totals()
    for status, seconds in ((200, 0.0002), (200, 0.2), (503, 100.0), (499, 1.0)):
        totals.answered(side(ONE), status, seconds)
    totals.answered(side(TWO), 200, 0.5)
    statuses, buckets, seconds = totals.of(ONE)
    assert statuses == [0, 0, 2, 0, 1, 1]
    assert (sum(buckets), buckets[-1], seconds) == (4, 1, 101.2002)
    totals.keep({ONE})
    assert sum(totals.of(TWO)[0]) == 0
    assert sum(totals.of(ONE)[0]) == 4
