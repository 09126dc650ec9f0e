"""The join of parts: text goes on row by row, anything else is replaced, what a part does not speak of stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.predictor import join

ROWS = 3
VALUES = {
    "text": st.lists(st.none() | st.text("ab", max_size=3), min_size=ROWS, max_size=ROWS),
    "number": st.lists(st.integers(-5, 5), min_size=ROWS, max_size=ROWS),
    "blob": st.lists(st.binary(max_size=3), min_size=ROWS, max_size=ROWS),
}
PARTS = st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=5)


def arrays(part: dict[str, list[Any]]) -> dict[str, Any]:
    """A part as the model's wrapper makes it: numbers in numpy's own dtype, all else as objects."""
    return {name: np.array(values, None if name == "number" else object) for name, values in part.items()}


def whole(parts: list[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    """The rule, said for one row at a time."""
    said: dict[str, list[Any]] = {}
    for part in parts:
        for name, values in part.items():
            old = said.get(name, [None] * ROWS)
            said[name] = [
                (before or "") + (new or "") if name == "text" and (before, new) != (None, None) else new
                for before, new in zip(old, values, strict=True)
            ]
    return said


@given(PARTS)
def test_text_goes_on_and_anything_else_is_replaced(parts: list[dict[str, list[Any]]]) -> None:
    assert {name: list(values) for name, values in join(parts).items()} == whole(parts)
    got = join(map(arrays, parts))
    assert {name: values.tolist() for name, values in got.items()} == whole(parts)


@given(PARTS, PARTS)
def test_a_join_may_itself_be_a_part(first: list[dict[str, list[Any]]], second: list[dict[str, list[Any]]]) -> None:
    def plain(joined: dict[str, Any]) -> dict[str, list[Any]]:
        return {name: list(values) for name, values in joined.items()}

    assert plain(join([join(first), join(second)])) == plain(join([*first, *second]))


@given(st.lists(VALUES["text"], min_size=1, max_size=4))
def test_each_text_of_a_row_of_several_goes_on_by_itself(parts: list[list[Any]]) -> None:
    pairs = [{"text": np.array([*values, *values], object).reshape(2, ROWS).T} for values in parts]
    got = join(pairs)["text"]
    assert got.shape == (ROWS, 2)
    flat = whole([{"text": values} for values in parts])["text"]
    assert got[:, 0].tolist() == flat == got[:, 1].tolist()


def test_rows_of_another_shape_replace_what_was_there() -> None:
    lists = np.empty(2, object)
    lists[0], lists[1] = np.array(["a"], object), np.array(["b", "c"], object)
    assert join([{"words": lists}, {"words": lists}])["words"][1].tolist() == ["b", "c"]
    assert join([{"x": np.array(["a"], object)}, {"x": np.array([["b"]], object)}])["x"].tolist() == [["b"]]
