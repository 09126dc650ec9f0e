"""What a person is told of columns that hold a person's data."""

from __future__ import annotations

import numpy as np
import pytest

from trimtab.bundle.golden import Golden
from trimtab.bundle.making.personal import personal_lines, suggestions_for
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import Rows
from trimtab.bundle.privacy.kinds import Suggestion
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

FIELDS = (Field("who", "BYTES"), Field("email", "BYTES", nullable=True), Field("x", "FP64"))
SIGNATURE = Signature(FIELDS, (Field("reply", "BYTES"),))


def texts(*values: str | None) -> Column:
    array = np.empty(len(values), object)
    array[:] = values
    missing = np.array([value is None for value in values])
    return Column(array, missing if missing.any() else None)


TABLE = Table({"who": texts("a@b.de", "c@d.de"), "email": texts(None, None), "x": Column(np.array([1.0, 2.0]))}, 2)
GOLDEN = Golden(TABLE, {"reply": texts("dear a@b.de", "dear c@d.de").values}, 0.0, 0.0)


def rows(*, invented: bool = False) -> Rows:
    return Rows(FIELDS, "arrays", TABLE, invented)


def recipe(tmp_path, **log: str) -> Recipe:
    return Recipe(name="m", root=tmp_path, model="m:f", log=log)


def test_inputs_and_answers_are_looked_at(tmp_path):
    found = suggestions_for(recipe(tmp_path), rows(), SIGNATURE, GOLDEN)
    assert {name: one.policy for name, one in found.items()} == {"who": "drop", "email": "drop", "reply": "drop"}


def test_rows_that_were_made_up_show_nothing(tmp_path):
    found = suggestions_for(recipe(tmp_path), rows(invented=True), SIGNATURE, GOLDEN)
    assert set(found) == {"email", "reply"}
    assert list(personal_lines(found, SIGNATURE, rows(invented=True)))[1:] == []


def test_what_golden_rows_carry_is_named(tmp_path):
    found = suggestions_for(recipe(tmp_path, x="keep 30d"), rows(), SIGNATURE, GOLDEN)
    first, second = personal_lines(found, SIGNATURE, rows())
    assert first.startswith("3 columns not kept as they are: who (drop: values are e-mail addresses), email (drop: ")
    assert second == "golden rows carry `who` as the sample has it: a sample of made-up people keeps it out"


def test_one_column_is_one(tmp_path):
    del tmp_path
    assert list(personal_lines({"x": Suggestion("bucket 10", "said")}, SIGNATURE, rows())) == [
        "1 column not kept as it is: x (bucket 10: said)"
    ]


def test_of_many_columns_some_are_named():
    names = [f"email_{letter * 2}" for letter in "abcdefghijklmnopq"]
    fields = tuple(Field(name, "BYTES") for name in names)
    wide = Rows(fields, "arrays", Table({name: texts("x") for name in names}, 1))
    lines = list(personal_lines({name: Suggestion("drop", "r") for name in names}, Signature(fields), wide))
    assert all(line.count("email_") == 12 and " and 5 more" in line for line in lines)


def test_every_policy_that_fits_nothing_is_named(tmp_path):
    with pytest.raises(UserError) as refused:
        suggestions_for(recipe(tmp_path, whom="drop", who="bucket 2", reply="bucket day"), rows(), SIGNATURE, GOLDEN)
    assert [problem.what.partition(":")[0] for problem in refused.value.problems] == [
        "there is no column `whom` to be logged",
        "log `bucket 2` of `who BYTES[-1]`",
        "log `bucket day` of `reply BYTES[-1]`",
    ]
    assert refused.value.problems[0].hint == "did you mean `who`?"
