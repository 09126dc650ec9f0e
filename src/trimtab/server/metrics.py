"""Counters of the serving process, cheap to raise; turned into Prometheus text only when somebody reads them.

Every label comes from a closed set: served model names or none, three dialects, five status classes.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from trimtab.server.endpoint import Endpoint

__all__ = ["BUCKETS_S", "Metrics"]

BUCKETS_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip


class Metrics:
    """What the process has done so far; counters never go back."""

    def __init__(self, models: Iterable[str]) -> None:
        """The models that are served; the empty name stands for requests to none of them."""
        names = ["", *models]
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._buckets = {name: [0] * (len(BUCKETS_S) + 1) for name in names}
        self._seconds = dict.fromkeys(names, 0.0)
        self._rows = dict.fromkeys(names, 0)
        self._begun = 0
        self._ended = 0

    def begin(self) -> None:
        """A request was taken; called by one thread only."""
        self._begun += 1

    def end(self, model: str, dialect: str, status: int, seconds: float) -> None:
        """It was answered, by whichever thread."""
        key = (model, dialect, status // 100)
        bucket = bisect_left(BUCKETS_S, seconds)
        with self._lock:
            self._ended += 1
            self._requests[key] = self._requests.get(key, 0) + 1
            self._buckets[model][bucket] += 1
            self._seconds[model] += seconds

    def count_rows(self, model: str, rows: int) -> None:
        """Rows that the model has answered."""
        with self._lock:
            self._rows[model] += rows

    def text(self, endpoints: Mapping[str, Endpoint]) -> tuple[bytes, bytes]:
        """The content type and text of all metrics."""
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        registry.register(_Families(list(self._families(endpoints))))
        return CONTENT_TYPE_LATEST.encode(), generate_latest(registry)

    def _families(self, endpoints: Mapping[str, Endpoint]) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily(
            "trimtab_requests",
            "Requests answered, by model, dialect and status class.",
            None,
            ["model", "dialect", "status"],
        )
        seconds = HistogramMetricFamily("trimtab_request_seconds", "Time from request to answer.", labels=["model"])
        rows = CounterMetricFamily("trimtab_rows", "Rows answered.", labels=["model"])
        with self._lock:
            for (model, dialect, status), count in self._requests.items():
                requests.add_metric([model, dialect, f"{status}xx"], count)
            for model, buckets in self._buckets.items():
                seconds.add_metric([model], _cumulated(buckets), self._seconds[model])
            for model in endpoints:
                rows.add_metric([model], self._rows[model])
            in_flight = self._begun - self._ended
        yield from (requests, seconds, rows)
        yield GaugeMetricFamily("trimtab_in_flight", "Requests taken and not yet answered.", in_flight)
        ready = GaugeMetricFamily("trimtab_ready", "1 if the model can answer.", labels=["model"])
        cost = GaugeMetricFamily("trimtab_row_seconds", "Cost of one row, measured at warm-up.", labels=["model"])
        info = GaugeMetricFamily("trimtab_model_info", "What is served.", labels=["model", "version", "flavour"])
        for endpoint in endpoints.values():
            ready.add_metric([endpoint.name], float(endpoint.state == "ready"))
            cost.add_metric([endpoint.name], endpoint.cost_s)
            info.add_metric([endpoint.name, endpoint.version, endpoint.flavour], 1)
        yield from (ready, cost, info)


class _Families:
    """What prometheus-client wants to collect from."""

    def __init__(self, families: list[Any]) -> None:
        self._families = families

    def collect(self) -> list[Any]:
        return self._families


def _cumulated(buckets: list[int]) -> list[tuple[str, float]]:
    bounds = [*map(str, BUCKETS_S), "+Inf"]
    total = 0
    pairs: list[tuple[str, float]] = []
    for bound, count in zip(bounds, buckets, strict=True):
        total += count
        pairs.append((bound, total))
    return pairs
