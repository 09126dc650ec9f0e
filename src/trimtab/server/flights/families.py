"""Flights for Prometheus: every label is a model that is served, one of two arms, or one of a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trimtab.core.flights import Counts
from trimtab.core.traffic import ARMS
from trimtab.server.flights.tally import counts_of

if TYPE_CHECKING:
    from trimtab.server.endpoint import Endpoint

__all__ = ["families_of", "flight_families"]


def flight_families(endpoints: Mapping[str, Endpoint]) -> Iterator[Any]:
    """Of the flights that are on; nothing where there are none."""
    aloft = {}
    for name, endpoint in endpoints.items():
        if (arms := endpoint.arms) is not None:
            course = arms.now()
            share = 1.0 if course.promoted else course.traffic.share
            aloft[name] = (counts_of(arms.page.parts, arms.layout), share)
    return families_of(aloft)


def families_of(aloft: Mapping[str, tuple[Counts, float]]) -> Iterator[Any]:
    """The same of flights by their endpoint: what was counted, and the share of the challenger."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    if not aloft:
        return
    requests = CounterMetricFamily(
        "trimtab_flight_requests", "Requests that were divided in this flight, by who answered.", None, ["model", "arm"]
    )
    errors = CounterMetricFamily("trimtab_flight_errors", "Those that failed.", None, ["model", "arm"])
    share = GaugeMetricFamily("trimtab_flight_share", "Share of requests by arm.", labels=["model", "arm"])
    shadow = CounterMetricFamily(
        "trimtab_flight_shadow", "Requests of a shadow, by what came of them.", None, ["model", "outcome"]
    )
    for name, (counts, challenger) in aloft.items():
        for arm in ARMS:
            of_arm = counts.champion if arm == "champion" else counts.challenger
            requests.add_metric([name, arm], of_arm.requests)
            errors.add_metric([name, arm], of_arm.errors)
            share.add_metric([name, arm], challenger if arm == "challenger" else 1.0 - challenger)
        for outcome in ("mirrored", "dropped", "failed", "compared", "disagreed"):
            shadow.add_metric([name, outcome], getattr(counts, outcome))
    yield from (requests, errors, share, shadow)
