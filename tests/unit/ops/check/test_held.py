import json

import numpy as np
import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.held import answers_to, output_of, read_held
from trimtab.ops.check.subject import CannotError

WANTED = {"truth": "was", "metric": "auc", "groups": ("region",)}


@pytest.fixture
def held(tmp_path, subject, bundle):
    """held(rows, "name.jsonl"): what is read of a file of them."""

    def read(rows, name="held.jsonl", **said):
        path = tmp_path / name
        path.write_text("\n".join(map(json.dumps, rows)) + "\n" if name.endswith("l") else rows)
        one = bundle()
        return read_held(subject(wanted={"held": path, **WANTED, **said}, made=one), one)

    return read


def row(**said):
    return {"x": 1.0, "plan": "plus", "was": True, "region": "n"} | said


def test_rows_truth_and_groups_are_read(held):
    found = held([row(), row(x=2.0, was=False, region=None)])
    assert found.table.columns["x"].values.tolist() == [1.0, 2.0]
    assert (found.truth.tolist(), found.others["region"].tolist()) == ([True, False], ["n", None])


def test_a_text_file_says_numbers_and_booleans_too(held):
    found = held("x,plan,was,region\n1,plus,1,3\n2,basic,true,s\n", "held.csv")
    assert (found.truth.tolist(), found.others["region"].tolist()) == ([1.0, True], [3.0, "s"])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([row(), row(plan="gold")], "column `plan`, row 1 does not fit the signature"),
        ([row(was=None)], "row 0 of `held.jsonl` has no `was`"),
    ],
)
def test_rows_that_cannot_be_asked_are_named(held, rows, why):
    with pytest.raises(CannotError, match=why):
        held(rows)


def test_a_column_that_is_not_there_and_a_file_that_is_not_there_are_named(held, subject, bundle, tmp_path):
    with pytest.raises(UserError, match="was"):
        held([{"x": 1.0, "plan": "plus", "region": "n"}])
    with pytest.raises(UserError, match=r"there is no file `none.csv`"):
        read_held(subject(wanted={"held": tmp_path / "none.csv", **WANTED}), bundle())
    with pytest.raises(CannotError, match="no held rows are named"):
        read_held(subject(), bundle())
    with pytest.raises(CannotError, match="`y` is an output"):
        held([row()], truth="y")


def test_the_only_output_is_meant_and_of_several_the_one_that_is_named(subject, bundle):
    two = Signature(bundle().signature.inputs, (Field("y", "FP64"), Field("z", "FP64")), "arrays")
    several = bundle(f"sha256:{'2' * 64}", two, lambda rows: {"y": np.ones(rows.height), "z": np.ones(rows.height)})
    assert output_of(subject(), bundle()).name == "y"
    assert output_of(subject(wanted={"output": "z"}), several).name == "z"
    for wanted in ({}, {"output": "w"}):
        with pytest.raises(CannotError, match="the outputs are `y`, `z`"):
            output_of(subject(wanted=wanted), several)


def test_answers_come_in_parts_and_a_row_without_one_is_named(held, good, bundle):
    found = held([row(x=float(at % 90)) for at in range(5000)])
    field = bundle().signature.outputs[0]
    assert answers_to(good, found, field).shape == (5000,)

    def fails(table):
        if table.height < 4096:
            raise NoAnswerError(3, 1, "ValueError at own.py:3", "born 1970")
        return good(table)

    with pytest.raises(CannotError, match=r"held row 4099 is not answered: ValueError at own\.py:3$"):
        answers_to(fails, found, field)
