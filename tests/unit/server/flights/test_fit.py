"""Both arms look the same to callers, or the challenger is refused with everything that differs."""

from dataclasses import replace

import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.flights.fit import require_fit

ONE = Signature((Field("x", "FP64"), Field("town", "BYTES")), (Field("y", "FP64"),))


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        replace(ONE, inputs=ONE.inputs[::-1]),
        replace(
            ONE, inputs=(Field("x", "FP64", low=0, high=1, nullable=True), Field("town", "BYTES", categories=("a",)))
        ),
        replace(ONE, outputs=()),
        replace(ONE, container="arrays"),
    ],
)
def test_what_callers_do_not_see_may_differ(other):
    require_fit(ONE, other, "`m:new`")


def test_every_difference_is_said():
    other = Signature((Field("x", "INT64"), Field("age", "INT64")), (Field("y", "FP64", (-1, 2)), Field("z", "BOOL")))
    with pytest.raises(UserError) as raised:
        require_fit(ONE, other, "`m:new`")
    assert {problem.code for problem in raised.value.problems} == {"P360"}
    assert {problem.where for problem in raised.value.problems} == {"`m:new`"}
    assert [problem.what for problem in raised.value.problems] == [
        "the challenger has no input `town`",
        "the challenger has an input `age` that the champion has not",
        "input `x FP64[-1]` of the champion is `x INT64[-1]` of the challenger",
        "the challenger has an output `z` that the champion has not",
        "output `y FP64[-1]` of the champion is `y FP64[-1,2]` of the challenger",
    ]
