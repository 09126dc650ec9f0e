"""How soon a bad challenger goes back, and how often a good one does: `decide`'s tests beside what others do.

    python benchmarks/flights.py

Every flight lasts up to an hour at 20 requests a second, a tenth of them for the challenger, and is looked at every
second (latencies: every ten). All rules see the same flights. Writes benchmarks/results/flights.md.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from environments import publish
from flightrules import (
    CHAMPION,
    TICKS,
    Flights,
    Seconds,
    alike,
    argo,
    at_the_end,
    flagger,
    peeking,
    slow_flights,
    trimtab,
)
from measure import machine, table

ERRORS = (0.02, 0.022, 0.03, 0.04, 0.08, 0.5)
FACTORS = (1.0, 1.2, 2.0, 3.0)
MARGIN = 0.002
MEDIAN_S, SPREAD = 0.05, 0.5
P99_S = MEDIAN_S * float(np.exp(2.326 * SPREAD))


@dataclass(frozen=True, slots=True)
class Told:
    """One rule: its name, what it is set to, and for each flight the second at which it goes back, or never."""

    name: str
    rule: Callable[[Flights], np.ndarray]


RULES = (
    Told("trimtab, `worse_by` 0.2 %, alpha 5 %", partial(trimtab, margin=MARGIN)),
    Told("z-test of 5 %, once, after the hour", partial(at_the_end, margin=MARGIN)),
    Told("z-test of 5 %, at every 100 answers", partial(peeking, margin=MARGIN)),
    Told("the same, of any difference", partial(peeking, margin=0.0)),
    Told("Flagger, at least 97.8 %, 5 failed checks", partial(flagger, limit=0.022)),
    Told("Flagger, at least 95 %, 5 failed checks", partial(flagger, limit=0.05)),
    Told("Argo, at least 97.8 %, 3 failures", partial(argo, limit=0.022)),
    Told("Argo, at least 95 %, 3 failures", partial(argo, limit=0.05)),
)


def cell(back: np.ndarray, asked: Callable[[np.ndarray], np.ndarray]) -> str:
    """How many flights went back, and after how many answers of the challenger: the median and nine tenths."""
    share = float(np.isfinite(back).mean())
    if share == 0.0:
        return "0 %"
    answers = np.where(np.isfinite(back), asked(back), np.inf)
    shown = [f"{one:.0f}" if np.isfinite(one) else "-" for one in np.quantile(answers, [0.5, 0.9], method="higher")]
    return f"{share * 100:.3g} %" + ("" if shown == ["-", "-"] else f"; {shown[0]} / {shown[1]}")


def errors(flights: int) -> str:
    """A row for each rule, a column for each truth."""
    rows = [[one.name] for one in RULES]
    for number, truth in enumerate(ERRORS):
        seen = Flights.drawn(flights, truth, CHAMPION, seed=number)
        for row, one in zip(rows, RULES, strict=True):
            row.append(cell(one.rule(seen), seen.asked))
        print(f"errors {truth}: done", flush=True)
    return table(["rule", *(f"2 % -> {one * 100:g} %" for one in ERRORS)], rows)


def looking(flights: int) -> str:
    """How often one looks, and how many good challengers go back."""
    rows = []
    for every in (10_000, 1000, 100, 10):
        theirs, ours = alike(flights, every)
        rows.append([f"{every:,} requests", f"{theirs * 100:.3g} %", f"{ours * 100:.3g} %"])
    return table(["a look every", "z-test of 5 %", "trimtab, alpha 5 %"], rows)


def latencies(flights: int) -> str:
    """The same for challengers that are slower; what is set as seconds is set from the champion's true p99."""
    limits = (("p50", 0.5, 1.05), ("p99", 0.99, 1.5), ("p99", 0.99, 2.0))
    rows = [[f"trimtab, {name} `worse_by` {factor:g}, alpha 5 %"] for name, _, factor in limits]
    above = [
        (f"Flagger, p99 at most {P99_S * 1500:.0f} ms, 5 failed checks", 60, 5),
        (f"Argo, p99 at most {P99_S * 1500:.0f} ms, 3 failures", 300, 3),
    ]
    rows += [["rank-sum test of 5 %, once, after the hour"], *([name] for name, _, _ in above)]
    for number, factor in enumerate(FACTORS):
        seen = Seconds(MEDIAN_S, SPREAD, factor, flights, seed=number)
        found = slow_flights(seen, limits, [(P99_S * 1.5, window, times) for _, window, times in above])
        for row, back in zip(rows, found, strict=True):
            row.append(cell(back, seen.asked))
        print(f"latency {factor}: done", flush=True)
    return table(["rule", *(f"{one:g}x" for one in FACTORS)], rows)


def main() -> None:
    """Measures and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flights", type=int, default=1000)
    options = parser.parse_args()
    page = PAGE.format(
        flights=options.flights,
        fewer=options.flights // 5,
        minutes=TICKS // 60,
        errors=errors(options.flights),
        looking=looking(options.flights),
        latencies=latencies(options.flights // 5),
        machine=machine(),
        versions=f"Python {platform.python_version()}, numpy {np.__version__}",
    )
    publish("flights.md", page)


PAGE = """# How soon a bad challenger goes back

Each cell: how many flights went back within the hour; after how many answers of the challenger, the median and nine
tenths. A dash is more than the hour has. The first two columns of errors, and the first of latencies, have challengers
that keep to the limit: there, going back is wrong.

{flights} flights for each truth ({fewer} for latencies) of {minutes} minutes at 20 requests a second, a tenth of them
for the challenger; all rules see the same flights. trimtab looks every second (latencies: every ten), and may look as
often as it likes.

## Errors

The champion fails at 2 % of requests. 2.2 % is as much as the limit allows.

{errors}

A test that is made for one look is right 95 times of 100 when the hour is over, and lets everybody wait until then. The
same test, looked at now and then, is wrong as often as the rows below it say: how often depends on how often one looks.
What counts bad windows has no stated chance. Set to the limit that is meant, it sends back what is good; set loosely,
it lets by what is bad. All that it is set to is a number that somebody has to guess, of this service at this rate.

### Looking

Both arms half and half, both at 2 %, 10,000 requests; a flight goes back if the challenger is found worse at any look:

{looking}

## Latency

Log-normal, median 50 ms, p99 160 ms; the challenger takes so many times as long. Limits in seconds are what somebody
would set who knew the champion's p99.

{latencies}

A latency is known to within a bucket of 4.4 %. What cannot be told from the factor that is allowed is up to two buckets
above it, or three where the factor is between bounds: 1.05 is in effect 1.14.

How the others are read is at the top of [flightrules.py](../flightrules.py).

Machine: {machine}. Versions: {versions}.

Written by `python benchmarks/flights.py`.
"""

if __name__ == "__main__":
    main()
