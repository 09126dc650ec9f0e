from dataclasses import replace

import pytest

from trimtab.core.signature import Field, Signature
from trimtab.release.compatible.differences import diff, incompatibilities

AGE = Field("age", "INT64", low=0, high=120, unit="years")
PLAN = Field("plan", "BYTES", categories=("basic", "plus"))
SPEND = Field("spend", "FP64", nullable=True, unit="EUR")
CHANCE = Field("chance", "FP64", low=0, high=1)
CLASS = Field("class", "FP64", (-1, 2), categories=("no", "yes"))
LIVE = Signature((AGE, PLAN, SPEND), (CHANCE, CLASS))

# what is changed -> how callers break, and the field that is named
BREAKS = {
    "an input is dropped": (replace(LIVE, inputs=(AGE, PLAN)), "dropped", "spend"),
    "an input is renamed": (replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, name="paid"))), "renamed", "spend"),
    "an input is added": (replace(LIVE, inputs=(*LIVE.inputs, Field("since", "BYTES"))), "added", "since"),
    "an input has another dtype": (replace(LIVE, inputs=(replace(AGE, dtype="FP64"), PLAN, SPEND)), "dtype", "age"),
    "inputs come in another order": (replace(LIVE, inputs=(PLAN, AGE, SPEND)), "order", "age"),
    "a category is not taken any more": (
        replace(LIVE, inputs=(AGE, replace(PLAN, categories=("basic",)), SPEND)), "categories", "plan",
    ),
    "an input becomes a closed set": (
        replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, categories=(1.0, 2.0)))), "categories", "spend",
    ),
    "an input has another unit": (replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, unit="USD"))), "unit", "spend"),
    "null is not taken any more": (replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, nullable=False))), "null", "spend"),
    "the range becomes narrower": (replace(LIVE, inputs=(replace(AGE, low=18), PLAN, SPEND)), "range", "age"),
    "a range is set where was none": (replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, high=9))), "range", "spend"),
    "the shape is another": (replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, shape=(-1, 2)))), "shape", "spend"),
    "bytes mean something else": (replace(LIVE, inputs=(AGE, replace(PLAN, kind="bytes"), SPEND)), "kind", "plan"),
    "an output is dropped": (replace(LIVE, outputs=(CHANCE,)), "dropped", "class"),
    "an output is renamed": (replace(LIVE, outputs=(replace(CHANCE, name="p"), CLASS)), "renamed", "chance"),
    "an output may be null": (replace(LIVE, outputs=(replace(CHANCE, nullable=True), CLASS)), "null", "chance"),
    "an output leaves its range": (replace(LIVE, outputs=(replace(CHANCE, high=100), CLASS)), "range", "chance"),
    "classes change places": (
        replace(LIVE, outputs=(CHANCE, replace(CLASS, categories=("yes", "no")))), "categories", "class",
    ),
    "outputs come in another order": (replace(LIVE, outputs=(CLASS, CHANCE)), "order", "chance"),
    "an output comes before those that were": (
        replace(LIVE, outputs=(Field("why", "BYTES"), CHANCE, CLASS)), "order", "why",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_callers_is_named_with_both_sides(what: str) -> None:
    new, how, field = BREAKS[what]
    found = incompatibilities(LIVE, new)
    assert [(one.how, one.field) for one in found] == [(how, field)]
    assert any(line.startswith(("- ", "+ ")) for line in diff(found))
    assert f"`{field}`" in found[0].why or how == "order"


@pytest.mark.parametrize(
    "new",
    [
        LIVE,
        replace(LIVE, inputs=(replace(AGE, low=None, high=None, nullable=True), PLAN, SPEND)),
        replace(LIVE, inputs=(AGE, replace(PLAN, categories=("basic", "plus", "pro")), SPEND)),
        replace(LIVE, inputs=(AGE, replace(PLAN, categories=None, frame="str"), SPEND)),
        replace(LIVE, outputs=(replace(CHANCE, low=0.1), CLASS)),
        replace(LIVE, outputs=(CHANCE, CLASS, Field("why", "BYTES"))),
        replace(LIVE, container="arrays"),
    ],
)
def test_whoever_takes_more_or_answers_less_breaks_nobody(new: Signature) -> None:
    assert incompatibilities(LIVE, new) == ()


def test_all_of_them_are_found_at_once() -> None:
    new = Signature((replace(AGE, dtype="FP64", unit="months"), PLAN), (CHANCE,))
    assert [(one.field, one.how) for one in incompatibilities(LIVE, new)] == [
        ("age", "dtype"), ("age", "unit"), ("spend", "dropped"), ("class", "dropped"),
    ]  # fmt: skip


def test_a_diff_is_read_by_people() -> None:
    new = replace(LIVE, inputs=(replace(AGE, unit="months"), PLAN, SPEND))
    assert diff(incompatibilities(LIVE, new)) == (
        "- input age INT64[-1] years",
        "+ input age INT64[-1] months",
        "  the numbers of `age` mean something else",
    )
