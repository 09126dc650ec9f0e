"""Numbers of a replay as people read them."""

from __future__ import annotations

from math import floor, log10

from trimtab.ops.replay.compare import Score
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.report import Report, verdict

__all__ = [
    "baseline",
    "between",
    "counted",
    "moving",
    "percent",
    "period",
    "promised",
    "rows",
    "seconds",
    "short",
    "signed",
]

_ALL = 100.0
_DIGEST = 12  # hexadecimal digits of one that are shown


def percent(share: float) -> str:
    """`5.43 %`: three digits that say how far it is from none and from all, so that 99.97 % is not 100 %."""
    value = round(share * _ALL, 12)  # sums of floats are not quite all
    near = min(value, _ALL - value)
    if near <= 0:
        return f"{value:.0f} %"
    text = f"{value:.{max(0, 2 - floor(log10(near)))}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def between(share: Share) -> str:
    """`5.29 to 5.57 %`, the 95 % interval."""
    return f"{percent(share.low).removesuffix(' %')} to {percent(share.high)}"


def counted(share: Share, what: str) -> str:
    """`5,430 of 100,000 rows`, and how many these stand for, where that is more."""
    text = f"{share.count:,} of {share.rows:,} {what}"
    stands = round(share.total)
    return text if stands <= share.rows else f"{text}, which stand for {stands:,}"


def short(digest: str) -> str:
    """A digest, as far as one reads it."""
    kind, colon, digits = digest.rpartition(":")
    return f"{kind}{colon}{digits[:_DIGEST]}"


def period(report: Report) -> str:
    """From when to when, UTC."""
    first, last = (moment.removesuffix("Z").replace("T", " ") for moment in (report.first, report.last))
    return f"{first} to {last} UTC"


def baseline(report: Report) -> str:
    """What the candidate is held against."""
    if report.baseline.digest:
        return f"{report.baseline.name}@{report.baseline.digest}"
    listed = ", ".join(f"{short(revision) or 'nobody'} ({rows:,} rows)" for revision, rows in report.revisions)
    return f"what was answered then, by {listed}"


def moving(score: Score) -> str:
    """How far a number moves, in one line."""
    shown = {share: value for share, value in score.quantiles if share in (0.01, 0.05, 0.5, 0.95, 0.99)}
    values = ", ".join(f"{signed(value)} ({share * _ALL:g} %)" for share, value in shown.items())
    return f"moves in {percent(score.moved.value)} of rows; quantiles of all {values}"


def signed(value: float) -> str:
    """`+0.25`, `-3`, `0`."""
    return f"{value:+.3g}" if value else "0"


def rows(count: int) -> str:
    """`1 row`, `2,000 rows`."""
    return "1 row" if count == 1 else f"{count:,} rows"


def promised(report: Report, limit: float) -> str:
    """Whether at most so many change, in words."""
    match verdict(report.changed, limit):
        case "PASS":
            return f"at most {percent(limit)} change"
        case "FAIL":
            return f"more than {percent(limit)} change"
        case "UNKNOWN":
            return f"{report.changed.rows:,} rows are too few to show that at most {percent(limit)} change"


def seconds(value: float) -> str:
    """`1.2 ms`, `35 us`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"
