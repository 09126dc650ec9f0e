"""What the clean process says of a replay and of a failure; the process itself is in tests/system."""

import json

import numpy as np
import pytest

from trimtab.bundle.golden import Golden
from trimtab.bundle.proof.child import _alone, _failure, _replay
from trimtab.core.errors import Problem, UserError
from trimtab.core.table import Column, Table

VALUES = np.arange(10.0)
GOLDEN = Golden(Table({"x": Column(VALUES)}, 10), {"y": VALUES * 2}, 0.0, 0.0)


def doubled(table):
    return {"y": table.columns["x"].values * 2}


def test_all_rows_at_once_and_then_some_alone():
    heights = []

    def noted(table):
        heights.append(table.height)
        return doubled(table)

    assert _replay(noted, GOLDEN, {}) == {"rows": 10, "worst": 0.0}
    assert heights == [10, 1, 1, 1, 1, 1]


def test_a_difference_has_its_place_and_both_values():
    def wrong(table):
        values = table.columns["x"].values
        return {"y": np.where(values == 4, -1.0, values * 2)}

    said = _replay(wrong, GOLDEN, {})
    assert said["worst"] == 9.0
    assert {key: said["mismatch"][key] for key in ("column", "row", "alone", "expected", "got")} == {
        "column": "y", "row": 4, "alone": False, "expected": "8.0", "got": "-1.0",
    }  # fmt: skip


def test_an_answer_that_depends_on_its_neighbours_is_found_by_a_row_alone():
    def mean(table):
        return {"y": np.full(table.height, table.columns["x"].values.mean())}

    golden = Golden(GOLDEN.inputs, {"y": np.full(10, VALUES.mean())}, 0.0, 0.0)
    mismatch = _replay(mean, golden, {})["mismatch"]
    assert (mismatch["alone"], mismatch["row"], mismatch["expected"], mismatch["got"]) == (True, 0, "4.5", "0.0")


def test_alone_the_last_bits_may_differ():
    def noisy(table):
        return {"y": table.columns["x"].values * 2 + (1e-7 if table.height == 1 else 0.0)}

    assert "mismatch" not in _replay(noisy, GOLDEN, {})


def test_an_output_that_is_missing_is_shown_as_nothing():
    assert _replay(lambda _: {}, GOLDEN, {})["mismatch"]["got"] == "nothing"


@pytest.mark.parametrize(
    ("rows", "picked"), [(0, []), (1, []), (2, [0, 1]), (5, [0, 1, 2, 3, 4]), (101, [0, 25, 50, 75, 100])]
)
def test_rows_alone_are_spread_over_all(rows, picked):
    assert [part.start for part in _alone(rows)] == picked


def caught(error, tmp_path):
    return _failure(error, tmp_path / "code")


def test_a_failure_is_plain_values(tmp_path):
    said = caught(ModuleNotFoundError("no module", name="gone"), tmp_path)
    assert json.loads(json.dumps(said)) == said
    assert (said["type"], said["module"], said["missing"], said["ours"]) == (
        "ModuleNotFoundError",
        "gone",
        False,
        False,
    )
    file = caught(FileNotFoundError(2, "not in the bundle", "/p/a.csv"), tmp_path)
    assert (file["path"], file["missing"]) == ("/p/a.csv", True)
    assert caught(SystemExit(3), tmp_path)["type"] == "SystemExit"


def test_a_refusal_of_ours_keeps_its_problems_and_names_its_cause(tmp_path):
    ours = UserError(Problem("P241", "no function", "prepare", "mend"))
    assert caught(ours, tmp_path)["problems"] == [["P241", "no function", "prepare", "mend"]]
    ours.__cause__ = ZeroDivisionError("theirs")
    said = caught(ours, tmp_path)
    assert (said["type"], said["ours"], said["problems"][0][0]) == ("ZeroDivisionError", False, "P241")


def test_frames_of_user_code_are_named_by_their_place_in_the_bundle(tmp_path):
    (tmp_path / "code").mkdir()
    file = tmp_path / "code" / "own.py"
    file.write_text("def f():\n    raise ValueError('x')\n")
    names = {}
    exec(compile(file.read_text(), str(file), "exec"), names)  # noqa: S102  # a function whose file lies in the bundle
    with pytest.raises(ValueError, match="x") as raised:
        names["f"]()
    assert _failure(raised.value, tmp_path / "code")["frames"] == ["own.py:2 in f"]
