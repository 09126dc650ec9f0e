"""Held rows scored: the metric of a bundle's answers, ready to be taken of any rows."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.bundle.read import Bundle
from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.ops.check.held import Held, answers_to, output_of, read_held
from trimtab.ops.check.metrics import Metric, is_better_large, metric_of
from trimtab.ops.check.subject import Bench, CannotError, Subject
from trimtab.project.check import METRICS

__all__ = ["Scored", "metric_for", "scored"]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """field: the output that is scored; answers: to the held rows. better: 1 where more is better, -1 where less is."""

    held: Held
    field: Field
    answers: Array
    metric: Metric
    better: int

    @property
    def rows(self) -> int:
        """How many held rows there are."""
        return self.held.table.height


def scored(subject: Subject, bench: Bench, bundle: Bundle) -> Scored:
    """That bundle's answers to the held rows, with their metric; CannotError where it cannot be taken of them."""
    held = read_held(subject, bundle)
    if held.table.height < subject.wanted.minimum:
        raise CannotError(f"{held.table.height} held rows are fewer than the {subject.wanted.minimum} that are needed")
    field = output_of(subject, bundle)
    answers = answers_to(bench.ask(bundle), held, field)
    better = 1 if is_better_large(subject.wanted.metric) else -1
    return Scored(held, field, answers, metric_for(subject, bench, field, answers, held.truth), better)


def metric_for(subject: Subject, bench: Bench, field: Field, answers: Array, truth: Array) -> Metric:
    """The metric that `[check] metric` names; a function of the project's is called in a process of its own."""
    name = subject.wanted.metric
    if name in METRICS:
        return metric_of(name, field, answers, truth)

    def of(places: Array) -> float:
        found = bench.value(name, {"truth": truth[places], "answers": answers[places]})
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise CannotError(f"`{name}` answers {str(found)[:60]}, not a number")
        return float(found)

    return of
