"""The keys of `[flight]` and `[limits]`: how a challenger is flown, and what it must keep to."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["FLIGHT_KEYS", "KIND_NAMES"]

# Spelled out, as the other names are; a test compares them.
KIND_NAMES: Final = ("canary", "ab", "blue-green", "shadow")

FLIGHT_KEYS: Final[tuple[Key, ...]] = (
    Key(
        "flight.kind", "choice", "`canary` with a growing share, then promoted; `ab` with one share, compared; "
        "`blue-green` all at once, the old one kept; `shadow` asked too, never answering",
        default="canary", choices=KIND_NAMES,
    ),
    Key(
        "flight.steps", "percents", "shares of requests in percent, growing; 5, 25, 50 of a canary, 50 of `ab`, 100 of "
        "the others, if absent", example="[5, 25, 50]",
    ),
    Key("flight.watch", "duration", "least time at each step", default="10m", low=0),
    Key("flight.give_up", "duration", "after which a flight that is not done goes back", default="1h", low=1),
    Key(
        "flight.by", "split", "what decides who is answered by the challenger: each `request` for itself, its caller "
        "(`principal`), a `header:NAME`, or an input's value in the first row (`column:NAME`)", default="request",
    ),
    Key("flight.minimum", "integer", "least answers of the challenger at each step", default=100, low=1),
    Key(
        "flight.alpha", "number", "chance that a challenger which keeps to every limit is rolled back, over all looks",
        default=0.05, low=1e-6, high=0.5,
    ),
    Key("flight.hold", "boolean", "whether a person promotes at the end, by `trimtab flights promote`", default=False),
    Key("flight.keep", "duration", "how long a blue-green flight can still go back", default="10m", low=0),
    Key(
        f"limits.{ANY}.at_most", "bound", "most that the challenger may have: of `errors`, `disagreement` (shares), "
        "`shift` (standard deviations), `p50`, `p95`, `p99`, `p999` (times, as `80ms`)", example="0.005",
    ),
    Key(
        f"limits.{ANY}.at_least", "bound", "least that it must have, of a quality such as `accuracy`; `auc`, "
        "`logloss`, `rmse` and `mae` are those of held rows, which `trimtab check` looks at, and no flight",
        example="0.85",
    ),
    Key(
        f"limits.{ANY}.worse_by", "number", "most by which it may be worse than the champion: a difference, or of "
        "times a factor above 1", low=0, example="0.01",
    ),
    Key(f"limits.{ANY}.warn_only", "boolean", "whether it is said, and no reason to go back", example="true"),
)  # fmt: skip
