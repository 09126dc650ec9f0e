"""What each revision has answered since the router was started, in flights and outside of them; for Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from trimtab.server.flights.families import families_of
from trimtab.server.gateway.around import Side
from trimtab.server.metrics import BUCKETS_S, cumulated
from trimtab.server.routing.backing import version_of

if TYPE_CHECKING:
    from trimtab.server.routing.router import Router

__all__ = ["Totals", "families"]

_CLASSES: Final = 6


class _One:
    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses = [0] * _CLASSES
        self.buckets = [0.0] * (len(BUCKETS_S) + 1)
        self.seconds = 0.0


class Totals:
    """By the address of a backend, of which there are few; everything on the loop's thread."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._by: dict[object, _One] = {}

    def answered(self, side: Side, status: int, seconds: float) -> None:
        """See `Sums`."""
        one = self._by.get(side.backend)
        if one is None:
            one = self._by[side.backend] = _One()
        one.statuses[min(status // 100, _CLASSES - 1)] += 1
        one.buckets[bisect_left(BUCKETS_S, seconds)] += 1
        one.seconds += seconds

    def of(self, backend: object) -> tuple[list[int], list[float], float]:
        """Answers by status class, by bucket of time, and seconds together."""
        one = self._by.get(backend) or _One()
        return one.statuses, one.buckets, one.seconds

    def keep(self, backends: set[object]) -> None:
        """Only these are still there: what has gone is counted no longer, so that labels stay few."""
        self._by = {backend: one for backend, one in self._by.items() if backend in backends}


def families(router: Router, totals: Totals) -> Iterator[Any]:
    """Of one router; every label is its endpoint, or a revision of the file in force."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    name = router.routes.name
    requests = CounterMetricFamily(
        "trimtab_router_requests", "Requests passed on, by who answered.", None, ["model", "revision", "status"]
    )
    seconds = HistogramMetricFamily(
        "trimtab_router_request_seconds", "Time from request to answer.", labels=["model", "revision"]
    )
    ready = GaugeMetricFamily("trimtab_router_ready", "1 if it is well.", labels=["model", "revision"])
    champion = GaugeMetricFamily("trimtab_router_champion", "1 if it answers.", labels=["model", "revision"])
    for key, one in router.fleet.backings.items():
        revision = version_of(key)
        statuses, buckets, total = totals.of(one.backend)
        for status, count in enumerate(statuses):
            if count:
                requests.add_metric([name, revision, f"{status}xx"], count)
        seconds.add_metric([name, revision], cumulated(buckets), total)
        ready.add_metric([name, revision], float(one.state == "ready"))
        champion.add_metric([name, revision], float(one is router.champion))
    yield from (requests, seconds, ready, champion)
    version = GaugeMetricFamily("trimtab_router_routes_version", "Of the routes file in force.", labels=["model"])
    version.add_metric([name], router.state.version)
    refused = GaugeMetricFamily("trimtab_router_routes_refused", "1 if the file is refused.", labels=["model"])
    refused.add_metric([name], float(bool(router.refused)))
    yield from (version, refused)
    if router.aloft is not None:
        yield from families_of({name: (router.around.tally.counts(), router.around.choosing.traffic.share)})
