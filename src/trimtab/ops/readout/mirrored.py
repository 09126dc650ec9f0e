"""What a shadow has answered otherwise than the champion, and for whom: pairs in a journal, and a small tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.core.interactions import SHADOW
from trimtab.journal.query.duck import name_of
from trimtab.journal.query.filter import Filter
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.features import features_of
from trimtab.ops.replay.tree import Segment, Weighed, segments_of
from trimtab.ops.replay.words import percent

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal
    from trimtab.ops.readout.logged import Asked

__all__ = ["Mirrored", "mirrored", "said"]

_ROWS: Final = 200_000  # the newest pairs that are looked at
_RTOL, _ATOL = 1e-5, 1e-8  # as golden rows have it, at least


@dataclass(frozen=True, slots=True)
class Mirrored:
    """differs: the share of rows that were answered otherwise, with a 95 % interval. segments: rows that stand out.

    unanswered: rows that the shadow had no answer to.
    """

    differs: Share
    segments: tuple[Segment, ...]
    unanswered: int

    def plain(self) -> dict[str, Any]:
        """As JSON-ready values."""
        parts = [{"rows": str(one)} | _plain(one.share) for one in self.segments]
        return _plain(self.differs) | {"segments": parts, "unanswered": self.unanswered}


def mirrored(journal: OpenJournal, asked: Asked) -> Mirrored | None:
    """Of the newest pairs; None where no shadow was asked."""
    inputs, outputs = (
        [name for name in journal.columns("interactions") if name.startswith(start)] for start in ("in_", "out_")
    )
    differs = " OR ".join(_differ(name_of(name)) for name in outputs) or "false"
    given = "".join(f", seen.{name_of(name)}" for name in inputs)
    query = (
        f"SELECT shadow.status < 400 AS answered, ({differs}) AS differs, shadow.probability AS chance, "  # noqa: S608 - quoted
        f"seen.id AS id{given} FROM interactions AS shadow JOIN interactions AS seen "
        "ON shadow.request_id = seen.id AND shadow.row = seen.row AND shadow.endpoint = seen.endpoint "
        f"WHERE shadow.dialect = '{SHADOW}' AND seen.dialect <> '{SHADOW}' AND seen.status < 400 AND shadow.id IN "
        f"(SELECT id FROM interactions WHERE {Filter(asked.period, asked.endpoint).sql()}) "
        f"ORDER BY seen.time DESC, seen.id, seen.row LIMIT {_ROWS}"
    )
    found = journal.sql(query).arrow()
    if not len(found):
        return None
    answered = found["answered"].to_numpy().astype(bool)
    found = found.filter(answered)
    changed = found["differs"].to_numpy().astype(bool)
    cluster = np.unique(found["id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    rows = Weighed(changed, 1.0 / found["chance"].to_numpy().astype(np.float64), cluster)
    features = features_of((name.removeprefix("in_"), found[name]) for name in inputs)
    segments = segments_of(features, rows) if changed.any() and not changed.all() else []
    return Mirrored(rows.share(np.arange(len(changed))), tuple(segments), int((~answered).sum()))


def _differ(name: str) -> str:
    """Numbers within what single precision is worth, everything else exactly; nulls are alike."""
    ours, theirs = f"seen.{name}", f"shadow.{name}"
    apart = f"abs(TRY_CAST({ours} AS DOUBLE) - TRY_CAST({theirs} AS DOUBLE))"
    near = f"{apart} <= {_ATOL} + {_RTOL} * abs(TRY_CAST({ours} AS DOUBLE))"
    return f"({ours} IS DISTINCT FROM {theirs} AND NOT coalesce({near}, false))"


def said(found: Mirrored) -> Iterator[tuple[str, str]]:
    """Topic and text of each line."""
    differs = found.differs
    yield "shadow", f"{_share(differs)} of {differs.rows:,} rows answered otherwise"
    for one in found.segments:
        yield "", f"{one}: {_share(one.share)} of {one.share.rows:,}"
    if found.unanswered:
        yield "", f"{found.unanswered:,} rows without an answer of the shadow"


def _share(share: Share) -> str:
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})"


def _plain(share: Share) -> dict[str, Any]:
    return {"share": share.value, "low": share.low, "high": share.high, "count": share.count, "of": share.rows}
