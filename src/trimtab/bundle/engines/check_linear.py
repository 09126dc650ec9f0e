"""Whether `model.json` describes weights that can be used: every column, weight and label is there."""

from __future__ import annotations

from collections.abc import Iterator

from trimtab.bundle.engines.reading import Fault, label_faults, name_faults, outside
from trimtab.bundle.engines.weights import Category, LinearSpec, Number

__all__ = ["linear_faults"]


def linear_faults(spec: LinearSpec) -> Iterator[Fault]:
    """Everything wrong with it, with its place."""
    outputs = len(spec.intercept)
    yield from name_faults(spec.names, spec.count, by_name=spec.by_name)
    if not outputs:
        yield "intercept", "there is none"
    if not spec.terms:
        yield "terms", "there are none"
    for number, term in enumerate(spec.terms):
        place = f"terms[{number}]"
        yield from outside(f"{place}.at", (term.at,), spec.count)
        yield from _number(place, term, outputs) if isinstance(term, Number) else _category(place, term, outputs)
    numbers = sum(isinstance(term, Number) for term in spec.terms)
    for number, shift in enumerate(spec.shifts):
        for word, values in (("minus", shift.minus), ("by", shift.by)):
            if values is not None and len(values) != numbers:
                yield f"shifts[{number}].{word}", f"{len(values)} numbers for {numbers} columns"
    if spec.link == "label":
        yield from label_faults(spec.labels, outputs if outputs > 1 else 2)
    elif spec.labels:
        yield "labels", f"link `{spec.link}` has none"
    if spec.flat and outputs > 1 and spec.link != "label":
        yield "flat", f"an answer of {outputs} numbers a row"


def _number(at: str, term: Number, outputs: int) -> Iterator[Fault]:
    if len(term.weights) != outputs:
        yield f"{at}.weights", f"{len(term.weights)} weights for {outputs} outputs"
    if term.limit < 0:
        yield f"{at}.limit", "it refuses every value"


def _category(at: str, term: Category, outputs: int) -> Iterator[Fault]:
    if len(term.weights) != len(term.values):
        yield f"{at}.weights", f"{len(term.weights)} rows for {len(term.values)} values"
    if len(set(term.values)) != len(term.values):
        yield f"{at}.values", "a value stands there twice"
    rows = {f"weights[{place}]": row for place, row in enumerate(term.weights)}
    for word, row in ({"missing": term.missing, "unknown": term.unknown} | rows).items():
        if row is not None and len(row) != outputs:
            yield f"{at}.{word}", f"{len(row)} weights for {outputs} outputs"
