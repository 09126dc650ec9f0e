"""Whatever becomes of the files of a compiled form: they load and answer in their shape, or are refused by name."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.bundle.compiled.certificate import Certificate, Found, Worst, read_certificate
from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.linear import Linear
from trimtab.bundle.engines.plan import Plan, Stage, read_plan
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
from trimtab.bundle.engines.weights import Category, LinearSpec, Number, Shift
from trimtab.bundle.manifest import canonical
from trimtab.core.errors import UserError

ROWS = {
    "a": np.array([0.5, np.nan, -2.0]), "b": np.array([1.0, 2.0, 0.0]), "n": np.array([1, 2, 3]),
    "plan": np.array(["basic", None, "pro"], object), "town": np.array(["u", "v", "new"], object),
}  # fmt: skip
COLUMNS = ColumnsSpec(
    count=5,
    names=tuple(ROWS),
    by_name=True,
    steps=(
        Join((
            Part((0, 1), (Fill((1.0, 2.0), flags=(0,)), Scale((Move("minus", (0.1, 0.2, 0.3)),), clip=(-3.0, 3.0)))),
            Part((2,), (Call("cbrt"), Bins(((1.0, 2.0),)), Hot((Codes((0, 1), (0.0, None)),), 1, ""))),
            Part((3,), (Words(("basic",)), Hot((Codes(("basic", "pro"), (0.0, 1.0), refused=("unknown",)),), 2))),
            Part((4,), (Ordinal((Codes(("u", "v"), (0.0, 1.0), None, -1.0),), "float32"),)),
            Part((1, 2), (Products(((1, 3, 0), (2, 3, 1)), True, (0, 1, 4, 5)), Pick((1, 3)), Floats(single=True))),
        )),
        Absent(),
    ),
)  # fmt: skip
WEIGHTS = LinearSpec(
    count=5,
    names=tuple(ROWS),
    by_name=True,
    terms=(
        Number(0, (1.0, 2.0, 3.0), 0.5),
        Number(2, (0.1, 0.2, 0.3)),
        Category(4, ("u", "v"), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), None, (0.0, 0.0, 0.0)),
    ),
    intercept=(0.0, 0.1, 0.2),
    link="label",
    output="prediction",
    labels=("x", "y", "z"),
    shifts=(Shift((0.0, 1.0), (1.0, 2.0)),),
)
PLAN = Plan((Stage("columns", "columns", "columns.json"), Stage("model", "linear", "model.json")), "arrays", ("numpy",))
CERTIFICATE = Certificate((Found("bundle", 9, 1, 0.5, 0.1, Worst({"a": 1}, {"y": 1}, {"y": 2})),), 1e-6, 1e-9, 20)


def ask_columns(folder: Path) -> None:
    columns = Columns.load(folder / "compiled" / "columns.json")
    made = columns(ROWS)
    assert made.shape == (3, columns.width)


def ask_weights(folder: Path) -> None:
    model = Linear.load(folder / "compiled" / "model.json")
    (answer,) = model(ROWS).values()
    assert len(answer) == 3


def ask_plan(folder: Path) -> None:
    plan = read_plan(folder)
    assert {stage.file for stage in plan.stages} <= {"", "columns.json", "model.json", "forest.bin", "model.onnx"}


def ask_certificate(folder: Path) -> None:
    assert str(read_certificate(folder))


FILES: dict[str, tuple[Any, Callable[[Path], None]]] = {
    "columns.json": (COLUMNS, ask_columns),
    "model.json": (WEIGHTS, ask_weights),
    "plan.json": (PLAN, ask_plan),
    "certificate.json": (CERTIFICATE, ask_certificate),
}
ODD = st.sampled_from([
    None, True, False, -1, 0, 1, 2, 7, 10**6, 10**12, 2**63, -(2**70), 10**400, 0.5, -0.0, 1e300, 5e-324,
    "", "a", "plan", "float16", "../model.json", "__class__", "\0", [], {}, [0], [0, 1, 2], [[0, 1, 0]], {"at": 0},
])  # fmt: skip


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path] * bool(path) + [place for key, value in inner for place in places(value, (*path, key))]


def changed(plain: Any, path: tuple[Any, ...], how: str, odd: Any) -> None:
    """One change at that path, in place."""
    *outer, last = path
    for key in outer:
        plain = plain[key]
    match how:
        case "lost":
            del plain[last]
        case "other":
            plain[last] = odd
        case "more" if isinstance(plain, list):
            plain.insert(last, odd if odd is not None else copy.deepcopy(plain[last]))
        case "twice" if isinstance(plain, list):
            plain.insert(last, copy.deepcopy(plain[last]))
        case "deeper":
            plain[last] = [plain[last]]
        case _:
            plain["more" if isinstance(plain, dict) else 0] = odd


def loads_or_is_refused(name: str, data: bytes) -> bool:
    """Whether it was loaded; any other error than the two that are meant goes through."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "compiled").mkdir()
        (Path(folder) / "compiled" / name).write_bytes(data)
        try:
            FILES[name][1](Path(folder))
        except UserError as error:
            problems = error.problems
        except ValueError:  # the rows are refused
            return True
        else:
            return True
    assert {problem.code for problem in problems} <= {"P287", "P289"}
    assert all(f"compiled/{name}" in problem.where for problem in problems)
    return False


@pytest.mark.parametrize("name", FILES)
def test_as_written_it_loads(name: str) -> None:
    assert loads_or_is_refused(name, canonical(msgspec.to_builtins(FILES[name][0])))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_changed_values_are_refused_or_make_sense(name: str, data: st.DataObject) -> None:
    plain = msgspec.json.decode(canonical(msgspec.to_builtins(FILES[name][0])))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(plain)))
        how = data.draw(st.sampled_from(["lost", "other", "more", "twice", "deeper", "unknown"]))
        changed(plain, path, how, copy.deepcopy(data.draw(ODD)))
    loads_or_is_refused(name, canonical(plain))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_flipped_bytes_are_refused_or_make_sense(name: str, data: st.DataObject) -> None:
    flipped = bytearray(canonical(msgspec.to_builtins(FILES[name][0])))
    for _ in range(data.draw(st.integers(1, 3))):
        flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= data.draw(st.integers(1, 255))
    loads_or_is_refused(name, bytes(flipped[: data.draw(st.sampled_from([len(flipped), len(flipped) // 2]))]))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("data", [b"", b"\xff", b'{"count":' + b"[" * 100_000, b'{"names":["\xff\xfe"]}', b"null"])
def test_what_is_no_json_of_that_form_is_refused(name: str, data: bytes) -> None:
    assert not loads_or_is_refused(name, data)


def test_joins_within_joins_are_bounded() -> None:
    step: Any = {"type": "absent"}
    for _ in range(200):
        step = {"type": "join", "parts": [{"at": None, "steps": [step]}]}
    assert not loads_or_is_refused("columns.json", canonical({"count": 1, "steps": [step]}))


def test_a_small_file_does_not_ask_for_much_memory() -> None:
    """Each join makes twice as many columns of those before it."""
    join = {"type": "join", "parts": [{"at": None}, {"at": None}]}
    assert not loads_or_is_refused("columns.json", canonical({"count": 1, "steps": [join] * 60}))
    groups = [[0, 2**number, 0] for number in range(60)]
    product = {"type": "products", "groups": groups, "bias": False, "keep": [0]}
    assert not loads_or_is_refused("columns.json", canonical({"count": 1, "steps": [product]}))
    hot = {"type": "hot", "columns": [{"values": ["a"], "codes": [0]}], "width": 10**9}
    assert not loads_or_is_refused("columns.json", canonical({"count": 1, "steps": [hot]}))
    assert not loads_or_is_refused("columns.json", canonical({"count": 10**12, "steps": []}))


def test_rows_that_a_changed_shift_makes_infinite_are_refused_like_others() -> None:
    plain = msgspec.to_builtins(WEIGHTS)
    plain["shifts"] = [{"minus": [0.0, 1e300], "by": [0.0, 5e-324]}]
    assert loads_or_is_refused("model.json", canonical(plain))
