"""What the differences add up to: the report of a replay, of its rows and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.ops.replay.compare import Compared, causes_of, moves_of, scores_of
from trimtab.ops.replay.conditions import merged
from trimtab.ops.replay.examples import examples_of
from trimtab.ops.replay.features import Feature, features_of
from trimtab.ops.replay.recorded import INPUT
from trimtab.ops.replay.report import Group, Report, Side
from trimtab.ops.replay.rows import Rows
from trimtab.ops.replay.sides import Sides
from trimtab.ops.replay.timing import Timing
from trimtab.ops.replay.tree import Segment, Weighed, segments_of

__all__ = ["report_of"]

_REQUESTS: Final = ("principal", "dialect", "revision")  # what tells requests apart beside their inputs
_MOST: Final = 0.9


def report_of(endpoint: str, sides: Sides, rows: Rows, compared: Compared, timing: Timing | None) -> Report:
    """The whole report; UserError (P971) where no row had an answer that could have changed."""
    had = compared.before.has
    if not had.any():
        what = f"none of {len(rows):,} recorded rows was answered then, so that no decision can have changed"
        raise UserError(Problem("P971", what, "the journal", "an earlier `--since`, or `--against` a bundle"))
    weighed = Weighed(compared.changed, rows.weight, rows.cluster)
    segments = _segments(rows, weighed, had)
    causes = causes_of(compared, weighed)
    against = sides.against
    return Report(
        endpoint=endpoint,
        candidate=Side(sides.candidate.name, sides.candidate.digest),
        baseline=Side("recorded") if against is None else Side(against.name, against.digest),
        first=_moment(rows.table, 0),
        last=_moment(rows.table, len(rows) - 1),
        revisions=_revisions(rows.table),
        drawn=rows.interactions,
        interactions=rows.of,
        unasked=rows.without,
        rules=[str(rule) for rule in compared.rules if rule.decides],
        changed=weighed.share(had),
        by={name: Weighed(unlike, rows.weight, rows.cluster).share(had) for name, unlike in compared.by.items()},
        lost=Weighed(compared.lost, rows.weight, rows.cluster).share(had),
        causes=causes,
        cause_ids=[f"{rows.table['id'][cause.row]} row {rows.table['row'][cause.row]}" for cause in causes],
        recovered=int(compared.gained.sum()),
        failed=int((~had).sum()),
        moves=moves_of(compared, weighed),
        scores=scores_of(compared, weighed),
        groups=[_group(segment) for segment in segments],
        rest=weighed.share(_outside(segments, had)),
        examples=examples_of(rows.table, compared, segments, sides.candidate.signature.inputs),
        notes=list(_notes(sides, rows, compared)),
        timing=timing,
    )


def _segments(rows: Rows, weighed: Weighed, had: Array) -> list[Segment]:
    """Segments among the rows that had an answer, with the places that these have among all."""
    places = np.flatnonzero(had)
    some = Weighed(weighed.changed[places], weighed.weight[places], weighed.cluster[places])
    features = [
        Feature(one.name, one.codes[places], one.labels, one.ordered, one.named) for one in _features(rows.table)
    ]
    return [
        Segment(one.path, places[one.rows], one.share, one.elsewhere, one.part) for one in segments_of(features, some)
    ]


def _outside(segments: list[Segment], had: Array) -> Array:
    rest = had.copy()
    for segment in segments:
        rest[segment.rows] = False
    return rest


def _features(table: Any) -> list[Feature]:
    inputs = [(name.removeprefix(INPUT), table[name]) for name in table.column_names if name.startswith(INPUT)]
    names = {name for name, _ in inputs}
    return features_of([*inputs, *((name, table[name]) for name in _REQUESTS if name not in names)])


def _group(segment: Segment) -> Group:
    columns = tuple(dict.fromkeys(condition.column for condition in merged(segment.path)))
    return Group(str(segment), columns, segment.share, segment.elsewhere, segment.part)


def _revisions(table: Any) -> list[tuple[str, int]]:
    found = [(one["values"] or "", one["counts"]) for one in table["revision"].value_counts().to_pylist()]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _moment(table: Any, row: int) -> str:
    """Whole seconds of UTC."""
    import pyarrow as pa

    micros = table["time"].cast(pa.timestamp("us", table["time"].type.tz))[row].value
    return f"{np.datetime64(micros, 'us').astype('datetime64[s]')}Z"


def _notes(sides: Sides, rows: Rows, compared: Compared) -> Iterator[str]:
    yield from sides.notes
    if rows.interactions < rows.of:
        yield f"{rows.interactions:,} of {rows.of:,} interactions were drawn, by their ids"
    if rows.without:
        yield f"{rows.without:,} interactions have no rows, since what was asked did not fit the signature then"
    own = sum(count for revision, count in _revisions(rows.table) if revision == sides.candidate.digest)
    if own and sides.against is None:
        yield f"{own:,} rows were answered by the candidate itself"
    if spoilt := sum(failure.kind == "recorded" for failure in compared.before.failed.values()):
        yield f"{spoilt:,} recorded answers are none that the candidate could give, and count as no answer"
    if compared.changed[compared.before.has].mean() > _MOST and all(rule.how == "number" for rule in compared.rules):
        yield "almost every number moves: `--threshold OUTPUT=0.5` or `--atol` says which moves matter"
