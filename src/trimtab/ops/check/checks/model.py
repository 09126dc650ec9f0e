"""`model`: what a model must do whatever it was trained for, and what the project says of this one."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.table import Table
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.found import Found
from trimtab.ops.check.groups import Bar, by_themselves, named, slices_of, slices_of_rows
from trimtab.ops.check.held import output_of
from trimtab.ops.check.probes import probes
from trimtab.ops.check.relations import invariants, monotone
from trimtab.ops.check.score import scored
from trimtab.ops.check.sizes import sizes
from trimtab.ops.check.subject import Ask, Bench, CannotError, Subject

__all__ = ["check"]

_RTOL, _ATOL = 1e-5, 1e-7  # rows that share a call may differ in the last digits
_ROWS: Final = 200


def check(subject: Subject, bench: Bench) -> Found:
    """One measure a property; those that need rows are made with the golden ones."""
    golden = subject.bundle.golden()
    if golden is None or not golden.inputs.height:
        raise CannotError("the bundle has no golden rows", "name a sample (`golden`) and package the model again")
    tolerance = max(golden.rtol, _RTOL), max(golden.atol, _ATOL)
    ask, signature = bench.ask(subject.bundle), subject.bundle.signature
    rows = golden.inputs.rows(slice(0, _ROWS))
    measures = sizes(ask, signature, rows, tolerance)
    if all(one.verdict == "PASS" for one in measures):
        measures += probes(ask, signature, rows)
        measures += _declared(subject, ask, rows)
    return Found((*measures, *_groups(subject, bench)), {"rows": rows.height})


def _declared(subject: Subject, ask: Ask, rows: Table) -> list[Measure]:
    """Invariants and directions that the project declares."""
    wanted, signature = subject.wanted, subject.bundle.signature
    found = invariants(ask, signature, rows, wanted.invariants)
    if wanted.monotone:
        found += monotone(ask, signature, rows, wanted.monotone, output_of(subject, subject.bundle).name)
    return found


def _groups(subject: Subject, bench: Bench) -> list[Measure]:
    """Weak groups of the held rows; UNKNOWN where groups are named and cannot be looked at."""
    wanted = subject.wanted
    try:
        mine = scored(subject, bench, subject.bundle)
    except (CannotError, NoAnswerError) as error:
        verdict: Verdict = "UNKNOWN" if wanted.groups or wanted.held else "WARN"
        return [Measure("groups", None, verdict, wanted.weak, says=f"not looked at: {error}")]
    bar = Bar(mine.metric, mine.metric(np.arange(mine.rows)), mine.better, wanted.weak, wanted.minimum)
    # a function in a process of its own is too slow for groups that nobody asked for; and within a group that is alike
    # in a strong input, an order of rows (`auc`) is worse whatever the model
    slow = ":" in wanted.metric or wanted.metric == "auc"
    others = [] if slow else [by_themselves(slices_of_rows(mine.held.table), bar)]
    return [*named(slices_of(mine.held.others), bar), *others]
