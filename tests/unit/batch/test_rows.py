"""Which columns are copied, and what is refused of a file's columns."""

from pathlib import Path

import pytest

from trimtab.batch.rows import choose
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature

SIGNATURE = Signature((Field("a", "INT64"), Field("b", "FP64")), (Field("y", "FP64"),))
FILE = Path("rows.csv")


@pytest.mark.parametrize(
    ("names", "keep", "kept"),
    [
        (["a", "b", "id"], (), ()),
        (["a", "b", "id"], ("id", "a"), ("id", "a")),
        (["id", "b", "a"], "all", ("id", "b", "a")),
        (["a", "b", "id"], ("id", "id"), ("id",)),
        (["a", "b", "c", "c"], ("a",), ("a",)),  # a column that nobody wants may be there twice
    ],
)
def test_columns_are_kept_in_the_order_they_were_asked_for(names, keep, kept):
    assert choose(names, SIGNATURE, keep, FILE) == kept


@pytest.mark.parametrize(
    ("names", "keep", "problems"),
    [
        (["a"], (), [("P709", "the file has no column `b`")]),
        (["a", "b", "idd"], ("id",), [("P707", "there is no column `id` to keep")]),
        (["a", "b", "y"], "all", [("P708", "column `y` is kept and is also an output")]),
        (["a", "a", "b"], (), [("P716", "column `a` is there 2 times")]),
        (["a", "x", "x"], ("x", "id"), [
            ("P709", "the file has no column `b`"), ("P707", "there is no column `id` to keep"),
            ("P716", "column `x` is there 2 times"),
        ]),
    ],
)  # fmt: skip
def test_everything_wrong_with_the_columns_is_named_at_once(names, keep, problems):
    with pytest.raises(UserError) as caught:
        choose(names, SIGNATURE, keep, FILE)
    assert [(problem.code, problem.what) for problem in caught.value.problems] == problems
