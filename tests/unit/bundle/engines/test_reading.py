"""Files of a compiled form are read as values that were checked, or refused with every fault and its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.engines.reading import (
    MOST_COLUMNS,
    Fault,
    converted,
    damaged,
    decoded,
    label_faults,
    name_faults,
    outside,
)
from trimtab.core.errors import UserError


class Small(msgspec.Struct, forbid_unknown_fields=True):
    """Any form."""

    number: int


def negative(small: Small) -> Iterator[Fault]:
    if small.number < 0:
        yield "number", "it is negative"


def read(path: Path, data: bytes) -> Small:
    path.write_bytes(data)
    return decoded(path, Small, negative)


def test_a_sound_file_is_a_value(tmp_path: Path) -> None:
    assert read(tmp_path / "small.json", b'{"number": 7}') == Small(7)
    assert converted({"number": 7}, Small, negative) == Small(7)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "truncated"),
        (b'{"number": 7.5}', r"Expected `int`, got `float` - at `\$.number`"),
        (b'{"number": 7, "more": 1}', "unknown field `more`"),
        (b"[" * 100_000, "Expected `object`"),
        (b'{"other":' + b"[" * 100_000, "unknown field"),
        (b'{"\xff": 7}', "can't decode|invalid|unknown"),
        (b'{"number": -7}', "it is negative\n  at compiled/small.json, at `number`\n\nhint: package"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(UserError, match=rf"P289\]: `compiled/small.json` is damaged: (?s:.)*{what}"):
        read(tmp_path / "small.json", data)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"`compiled/none.json` is damaged: it cannot be read: No such file"):
        decoded(tmp_path / "none.json", Small, negative)


@pytest.mark.parametrize("options", [{}, {"number": "7"}, {"number": -1}, {"number": 7, "more": 1}, 7])
def test_options_are_those_of_the_plan(options: object) -> None:
    with pytest.raises(UserError, match=r"P289\]: `compiled/plan.json` is damaged"):
        converted(options, Small, negative)


def test_of_many_faults_the_rest_is_counted() -> None:
    error = damaged("small.json", (("number", "it is odd") for _ in range(1000)))
    assert len(error.problems) == 21
    assert "980 more faults" in error.problems[-1].what


def test_places_are_held_against_a_count() -> None:
    assert list(outside("at", (0, 2), 3)) == []
    assert list(outside("at", (0, 3), 3)) == [("at", "3 is none of the 3 columns there")]
    assert list(outside("at", (-1,), 3)) == [("at", "-1 is none of the 3 columns there")]
    assert list(outside("at", (10**4000,), 3)) == [("at", "a huge number is none of the 3 columns there")]


@pytest.mark.parametrize(
    ("names", "count", "place"),
    [
        ((), 0, "count"),
        (("a",), 10**4000, "count"),
        (("a",), 2, "names"),
        (("a", "a"), 2, "names"),
        (None, 2, "by_name"),
    ],
)
def test_columns_are_counted_and_named_once(names: tuple[str, ...] | None, count: int, place: str) -> None:
    assert next(at for at, _ in name_faults(names, count, by_name=True)) == place
    assert [at for at, _ in name_faults(None, MOST_COLUMNS + 1, by_name=False)] == ["count"]
    assert list(name_faults(("a", "b"), 2, by_name=True)) == []


@pytest.mark.parametrize("labels", [("a",), ("a", 1), (1, True), (1, 2**63), ("a", "b", "c")])
def test_labels_are_one_of_each_class_in_one_type(labels: tuple[object, ...]) -> None:
    assert [at for at, _ in label_faults(labels, 2)] == ["labels"]
    assert list(label_faults(("a", "b"), 2)) == []
