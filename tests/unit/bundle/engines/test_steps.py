"""A column stage is data: it is written and read without loss, and with nothing beside what it says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from trimtab.bundle.engines.steps import (
    Absent,
    Bins,
    Call,
    Codes,
    ColumnsSpec,
    Fill,
    Floats,
    Hot,
    Join,
    Move,
    Ordinal,
    Part,
    Pick,
    Products,
    Scale,
    Words,
)  # fmt: skip
from trimtab.bundle.manifest import canonical

EVERY = ColumnsSpec(
    count=2,
    steps=(
        Join((Part(None, (Absent(),)), Part((0,), (Call("sqrt", "missing"), Floats(single=True, refuses="infinity"))))),
        Scale((Move("minus", (0.1, 1e-300, 5e-324)), Move("by", (1 / 3, 2.0, 3.0), "float32")), (-1.0, 1.0)),
        Fill((1.0, 2.0), (0, 2), -1.0, (1,), floats=False),
        Words(("", "\N{SNOWMAN}", "x")),
        Ordinal(
            (Codes(("u", 1, 1.5, False), (0.0, None, 2.0, 3.0), None, None, ("missing", "unknown")),) * 3, "float32"
        ),
        Hot((Codes((1, 1.5), (0.0, None), 1.0, None, ("unknown",)),) * 3, 2, ""),
        Bins(((0.25, 0.5), ())),
        Products(((0, 2, 1),), bias=True, keep=(0, 3)),
        Pick((1,), "infinity"),
    ),
    names=("a", "b"),
    by_name=True,
)


def test_every_step_is_read_as_it_was_written() -> None:
    data = canonical(msgspec.to_builtins(EVERY))
    found = msgspec.json.decode(data, type=ColumnsSpec)
    assert found == EVERY
    assert canonical(msgspec.to_builtins(found)) == data


def test_values_keep_their_type() -> None:
    (codes,) = msgspec.convert({"columns": [{"values": [1, 1.5, True, "1"], "codes": [0, 1, 2, 3]}]}, Ordinal).columns
    assert [type(value) for value in codes.values] == [int, float, bool, str]


@pytest.mark.parametrize(
    "step",
    [
        {"type": "unheard_of"},
        {},
        {"type": "absent", "more": 1},
        {"type": "scale", "moves": [{"op": "power", "values": [1.0]}]},
        {"type": "scale", "moves": [{"op": "by", "values": [1.0], "dtype": "float16"}]},
        {"type": "fill", "values": [None]},
        {"type": "pick", "at": [0.5]},
        {"type": "pick", "at": [True]},
        {"type": "pick", "at": [0], "refuses": "all"},
        {"type": "words", "values": [1]},
        {"type": "join", "parts": [{"steps": []}]},
    ],
)
def test_what_no_step_says_is_refused(step: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"count": 1, "steps": [step]}, ColumnsSpec)
