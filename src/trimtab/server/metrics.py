"""Counters of all serving processes, cheap to raise; turned into Prometheus text only when somebody reads them.

They lie in memory that the processes share, each writing its own part: whoever is asked answers for all, and a
process that is replaced takes nothing with it. Every label comes from a closed set: served model names or none, the
dialects, five status classes, the reasons to turn somebody away.
"""

from __future__ import annotations

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from trimtab.server.flights.families import flight_families

if TYPE_CHECKING:
    from trimtab.server.endpoint import Endpoint

__all__ = [
    "BUCKETS_S",
    "DIALECTS",
    "REASONS",
    "RECORDED",
    "Metrics",
    "Place",
    "Reason",
    "Recorded",
    "cumulated",
    "exposed",
]

Place: TypeAlias = tuple[int, int, int]

BUCKETS_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
DIALECTS: Final = ("oip", "rows", "grpc", "other")
# why a request was turned away
Reason: TypeAlias = Literal["unauthenticated", "backoff", "forbidden", "page", "requests", "rows", "concurrent"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
# what became of interactions: `left out` by chance
Recorded: TypeAlias = Literal["kept", "lost", "left out"]
RECORDED: Final[tuple[Recorded, ...]] = get_args(Recorded)
_CLASSES: Final = (1, 2, 3, 4, 5)
_WIDTH: Final = 8  # bytes of a counter
_BEGUN, _ENDED, _RESTARTS = range(3)
_TURNED: Final = 3
_JOURNAL: Final = _TURNED + len(REASONS)
_RECORDED: Final = {what: _JOURNAL + at for at, what in enumerate(RECORDED)}
_FIRST: Final = _JOURNAL + len(RECORDED)
_EACH: Final = len(DIALECTS) * len(_CLASSES) + len(BUCKETS_S) + 1 + 2  # counters of one model


class Metrics:
    """What the processes have done so far; counters never go back. A process writes after `attach`."""

    def __init__(self, models: Iterable[str], processes: int = 1, room: int = 0) -> None:
        """The models that are served; the empty name stands for requests to none of them. room: for so many more."""
        names = ["", *models]
        self._names: list[str] = []
        self._at_request: dict[tuple[str, str, int], int] = {}
        self._at_bucket: dict[str, int] = {}
        self._at_seconds: dict[str, int] = {}
        self._at_rows: dict[str, int] = {}
        self._places = _FIRST + (len(names) + room) * _EACH
        self._map = mmap.mmap(-1, processes * self._places * _WIDTH)  # anonymous and shared with every forked process
        self._all = memoryview(self._map).cast("d")
        self._own = self._all[: self._places]
        self._turning = threading.Lock()
        self.add(names)

    def add(self, models: Iterable[str]) -> bool:
        """Have counters for these too, in processes that are forked from now on; False when there is no room left."""
        for name in models:
            place = _FIRST + len(self._names) * _EACH
            if name in self._at_rows:
                continue
            if place + _EACH > self._places:
                return False
            self._names.append(name)
            for at, key in enumerate(product(DIALECTS, _CLASSES)):
                self._at_request[name, *key] = place + at
            self._at_bucket[name] = place + len(DIALECTS) * len(_CLASSES)
            self._at_seconds[name] = self._at_bucket[name] + len(BUCKETS_S) + 1
            self._at_rows[name] = self._at_seconds[name] + 1
        return True

    def attach(self, process: int) -> None:
        """This process writes into the part of that number."""
        self._own = self._all[process * self._places : (process + 1) * self._places]

    def begin(self) -> None:
        """A request was taken."""
        self._own[_BEGUN] += 1

    def end(self, model: str, dialect: str, status: int, seconds: float) -> None:
        """It was answered."""
        self.end_at(self.place(model, dialect), status, seconds)

    def place(self, model: str, dialect: str) -> Place:
        """Where requests of this model and dialect are counted, for `end_at`: looked up once instead of every time."""
        return (
            self._at_request[model, dialect, _CLASSES[0]] - _CLASSES[0],
            self._at_bucket[model],
            self._at_seconds[model],
        )

    def end_at(self, place: Place, status: int, seconds: float) -> None:
        """As `end`."""
        own = self._own
        at_request, at_bucket, at_seconds = place
        own[_ENDED] += 1
        own[at_request + status // 100] += 1
        own[at_bucket + bisect_left(BUCKETS_S, seconds)] += 1
        own[at_seconds] += seconds

    def answered(self, place: Place, model: str, rows: int, seconds: float, status: int = 200) -> None:
        """As `end_at` and `count_rows`."""
        self.end_at(place, status, seconds)
        self.count_rows(model, rows)

    def count_rows(self, model: str, rows: int) -> None:
        """Rows that the model has answered."""
        self._own[self._at_rows[model]] += rows

    def turned_away(self, reason: Reason) -> None:
        """The guard did not let a request pass; any thread may say so, since calls over gRPC have their own."""
        with self._turning:
            self._own[_TURNED + REASONS.index(reason)] += 1

    def recorded(self, what: Recorded, count: int) -> None:
        """So many interactions were kept, or not."""
        self._own[_RECORDED[what]] += count

    def count_restart(self, process: int) -> None:
        """A process is replaced; what it had begun and not ended will never end. Called while it is not there."""
        part = process * self._places
        self._all[part + _RESTARTS] += 1
        self._all[part + _ENDED] = self._all[part + _BEGUN]

    def _sum(self, place: int, width: int = 1) -> list[float]:
        """Of all processes, of `width` counters from a place on."""
        parts = range(0, len(self._all), self._places)
        return [sum(self._all[part + place + at] for part in parts) for at in range(width)]

    def text(self, endpoints: Mapping[str, Endpoint]) -> tuple[bytes, bytes]:
        """The content type and text of all metrics."""
        return exposed(self._families(endpoints))

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
        for (model, dialect, status), place in self._at_request.items():
            (count,) = self._sum(place)
            if count:
                requests.add_metric([model, dialect, f"{status}xx"], count)
        for model in self._names:
            buckets = self._sum(self._at_bucket[model], len(BUCKETS_S) + 1)
            seconds.add_metric([model], cumulated(buckets), self._sum(self._at_seconds[model])[0])
        for model in endpoints:
            rows.add_metric([model], self._sum(self._at_rows[model])[0])
        begun, ended, restarts = self._sum(0, 3)
        in_flight = begun - ended
        yield from (requests, seconds, rows)
        away = CounterMetricFamily("trimtab_turned_away", "Requests that the guard did not let pass.", None, ["reason"])
        for reason, count in zip(REASONS, self._sum(_TURNED, len(REASONS)), strict=True):
            away.add_metric([reason], count)
        yield away
        journal = CounterMetricFamily(
            "trimtab_interactions", "Interactions, by what the journal has of them.", None, ["outcome"]
        )
        for outcome, count in zip(RECORDED, self._sum(_JOURNAL, len(RECORDED)), strict=True):
            journal.add_metric([outcome], count)
        yield journal
        yield CounterMetricFamily("trimtab_restarts", "Serving processes that were replaced.", restarts)
        yield GaugeMetricFamily("trimtab_in_flight", "Requests taken and not yet answered.", in_flight)
        ready = GaugeMetricFamily("trimtab_ready", "1 if the model can answer.", labels=["model"])
        cost = GaugeMetricFamily("trimtab_row_seconds", "Cost of one row, measured at warm-up.", labels=["model"])
        threads = GaugeMetricFamily("trimtab_native_threads", "Threads of a native pool.", labels=["model", "pool"])
        info = GaugeMetricFamily("trimtab_model_info", "What is served.", labels=["model", "version", "flavour"])
        for endpoint in endpoints.values():
            ready.add_metric([endpoint.name], float(endpoint.state == "ready"))
            cost.add_metric([endpoint.name], endpoint.curve.seconds(1))
            for pool, count in endpoint.threads.items():
                threads.add_metric([endpoint.name, pool], count)
            info.add_metric([endpoint.name, endpoint.version, endpoint.flavour], 1)
        yield from (ready, cost, threads, info)
        yield from flight_families(endpoints)


def exposed(families: Iterable[Any]) -> tuple[bytes, bytes]:
    """Content type and text of these families, and of this process."""
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Families(list(families)))
    return CONTENT_TYPE_LATEST.encode(), generate_latest(registry)


class _Families:
    """What prometheus-client wants to collect from."""

    def __init__(self, families: list[Any]) -> None:
        self._families = families

    def collect(self) -> list[Any]:
        return self._families


def cumulated(buckets: list[float]) -> list[tuple[str, float]]:
    """Counts by bucket as Prometheus has them: each with those below it."""
    bounds = [*map(str, BUCKETS_S), "+Inf"]
    total = 0.0
    pairs: list[tuple[str, float]] = []
    for bound, count in zip(bounds, buckets, strict=True):
        total += count
        pairs.append((bound, total))
    return pairs
