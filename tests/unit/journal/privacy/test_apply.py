"""What is kept of a column, of every dtype and shape that a signature has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.core.check import check_field
from trimtab.core.dtypes import DTYPES
from trimtab.core.policies import misfit, parse_policy
from trimtab.core.signature import Field
from trimtab.core.table import Column, Numbers
from trimtab.journal.folder import open_folder
from trimtab.journal.privacy.apply import kept_field, protector, subjects_of
from trimtab.journal.privacy.keys import Keys, open_keys

NOW = 1_800_000_000.0
NUMBERS = [name for name in DTYPES if name not in ("BOOL", "BYTES")]
FIELDS = [
    *(Field("x", dtype, nullable=True) for dtype in DTYPES),
    Field("x", "BYTES", kind="bytes", nullable=True),
    Field("x", "BYTES", kind="datetime", nullable=True),
    Field("x", "BYTES", kind="datetime", nullable=True, frame="datetime64[ns, UTC]"),
    Field("x", "FP64", (-1, 3), nullable=True),
    Field("x", "BYTES", (-1, 2), nullable=True),
    Field("x", "BYTES", (-1, -1), nullable=True),
    Field("x", "INT16", (-1, -1), nullable=True),
    Field("x", "FP32", (-1, 2, -1), nullable=True),
    Field("x", "BYTES", (-1, -1), nullable=True, kind="bytes"),
]
POLICIES = [
    parse_policy(text)
    for text in ("keep", "keep 30d", "drop", "hash", "tokenise", "bucket 10", "bucket 0.5", "bucket day", "bucket year")
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return open_keys(open_folder(tmp_path_factory.mktemp("journal") / "journal"))


def leaf(field: Field, number: int) -> object:
    if field.kind == "datetime":
        return f"20{number % 80 + 10}-03-04T05:06:07.891"
    if field.kind == "bytes":
        return f"marker{number}\x00".encode() + b"\xff"
    return {"BOOL": number % 2 == 0, "BYTES": f"marker{number}ä"}.get(field.dtype, number % 100)


def values(field: Field, heights: list[int | None]) -> list[object]:
    numbers = count(1)

    def filled(shape: tuple[int, ...], size: int) -> object:
        if not shape:
            return leaf(field, next(numbers))
        return [filled(shape[1:], size) for _ in range(size if shape[0] == -1 else shape[0])]

    return [None if size is None else filled(field.shape[1:], size) for size in heights]


def column_of(field: Field, heights: list[int | None]) -> Column:
    column, faults = check_field(field, values(field, heights))
    assert faults == []
    return column


def leaves(column: Column) -> Iterator[object]:
    for value in column.values.ravel().tolist():
        if isinstance(value, np.ndarray):
            yield from leaves(Column(value))
        elif value is not None:
            yield value


def described(field: Field) -> str:
    return f"{field} {field.kind} {field.frame}"


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize("field", FIELDS, ids=described)
@settings(max_examples=10)
@given(heights=st.lists(st.none() | st.integers(0, 3), max_size=6))
def test_what_is_kept_fits_the_field_that_was_promised(keys, field, policy, heights):
    column = column_of(field, heights)
    if misfit(field, policy):
        with pytest.raises(ValueError, match=r"bucket"):
            protector(field, policy, keys)
        return
    promised, kept = kept_field(field, policy), protector(field, policy, keys)(column, NOW)
    assert (promised is None) == (kept is None) == (policy.kind == "drop")
    if promised is None or kept is None:
        return
    assert len(kept) == len(column)
    if kept is not column:
        again, faults = check_field(promised, kept)
        assert faults == []
        assert again.values.dtype == kept.values.dtype
    nulls = [None] * len(column) if column.missing is None else column.missing.tolist()
    assert [value is None for value in heights] == [bool(null) for null in nulls]
    assert kept.missing is None if column.missing is None else (kept.missing == column.missing).all()


@pytest.mark.parametrize("kind", ["hash", "tokenise"])
@pytest.mark.parametrize("field", [field for field in FIELDS if field.dtype == "BYTES"], ids=described)
def test_nothing_of_a_named_value_is_left(keys, field, kind):
    column = column_of(field, [2, None, 1, 3])
    kept = protector(field, parse_policy(kind), keys)(column, NOW)
    names = list(leaves(kept))
    before = {str(value) for value in leaves(column)}
    assert names
    assert len(set(names)) == len(before)
    assert all(isinstance(name, str) and len(name) == 24 for name in names)
    assert not [name for name in names for value in before if value in name]


@pytest.mark.parametrize("field", FIELDS, ids=described)
def test_to_keep_all_costs_nothing(keys, field):
    column = column_of(field, [1, 2])
    assert protector(field, parse_policy("keep"), keys)(column, NOW) is column
    assert protector(field, parse_policy("keep 3d"), keys)(column, NOW) is column


def test_names_are_those_of_the_keys(keys):
    field = Field("id", "INT64", nullable=True)
    column = column_of(field, [1, None, 1])
    assert protector(field, parse_policy("tokenise"), keys)(column, NOW).values.tolist() == [
        keys.token("id", 1), None, keys.token("id", "2"),
    ]  # fmt: skip
    assert protector(field, parse_policy("hash"), keys)(column, NOW).values.tolist() == [
        keys.hashed("id", 1, NOW), None, keys.hashed("id", 2, NOW),
    ]  # fmt: skip
    assert subjects_of(column, keys) == (keys.subject(1), "", keys.subject(2))


def test_equal_values_have_one_name(keys):
    text = Field("x", "BYTES")
    named = protector(text, parse_policy("tokenise"), keys)(Column(np.array(["a", "b", "a"], object)), NOW)
    assert named.values[0] == named.values[2] != named.values[1]
    assert named.missing is None


def test_nan_of_an_answer_is_nobody(keys):
    for array in (np.array([1.5, np.nan]), np.array(["2026-01-01", "NaT"], "datetime64[us]")):
        field = Field("x", "FP64") if array.dtype.kind == "f" else Field("x", "BYTES", kind="datetime")
        named = protector(field, parse_policy("tokenise"), keys)(Column(array), NOW)
        assert named.missing.tolist() == [False, True]
        assert named.values[1] is None
        assert subjects_of(Column(array), keys)[1] == ""


def test_numbers_without_nan_stay_such(keys):
    field = Field("x", "FP64")
    kept = protector(field, parse_policy("bucket 10"), keys)(Numbers(np.array([11.0])), NOW)
    assert isinstance(kept, Numbers)
    assert kept.values.tolist() == [10]


def test_what_a_bucket_does_not_hold_is_promised_no_more():
    field = Field("x", "INT64", low=1, high=5, categories=(1, 5))
    assert kept_field(field, parse_policy("bucket 10")) == Field("x", "INT64")
    assert kept_field(field, parse_policy("tokenise")) == Field("x", "BYTES")
