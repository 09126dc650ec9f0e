"""Some changed decisions, spread over time and segments, as they are shown."""

import numpy as np
import pytest
from tests.doubles.recorded import interactions

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.ops.replay.answers import Answers
from trimtab.ops.replay.compare import compare
from trimtab.ops.replay.conditions import Condition
from trimtab.ops.replay.decision import Rule
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.examples import examples_of
from trimtab.ops.replay.player import Failure
from trimtab.ops.replay.tree import Segment

ROWS = 100
FIELDS = [Field(f"x{number}", "FP64") for number in range(12)]
NOTHING = Share(0, 0, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def found():
    columns = {f"in_x{number}": np.arange(ROWS) + number / 3 for number in range(12)}
    columns["in_carrier"] = ["B6" if row < 50 else "x\n" * 50 for row in range(ROWS)]
    table = interactions(columns)
    rule = Rule("y", "number", decides=True)
    has = np.ones(ROWS, bool)
    has[99] = False
    before = Answers({"y": Column(np.zeros(ROWS))}, np.ones(ROWS, bool))
    after = Answers({"y": Column(np.where(np.arange(ROWS) % 2 == 1, 1 / 3, 0))}, has, {99: Failure("ValueError", "no")})
    segment = Segment((Condition("carrier", "in", ("B6",)),), np.arange(50), NOTHING, NOTHING, 0.5)
    return examples_of(table, compare([rule], before, after), [segment], FIELDS)


def test_they_are_changed_ones_from_the_first_to_the_last_of_each_segment(found):
    numbers = [(one.group, int(one.id.rpartition("-")[2], 16)) for one in found]
    assert numbers == [(0, 1), (0, 17), (0, 33), (0, 49), (None, 51), (None, 67), (None, 83), (None, 99)]


def test_the_columns_of_the_segment_come_first_and_few_others(found):
    assert [name for name, _ in found[0].inputs] == ["carrier", *(f"x{number}" for number in range(7))]
    assert [name for name, _ in found[-1].inputs] == [f"x{number}" for number in range(8)]
    assert found[0].inputs[2] == ("x1", "1.33333")


def test_outputs_are_short_and_a_failure_is_told(found):
    assert found[0].outputs == (("y", "0", "0.333333"),)
    assert found[-1].outputs == (("y", "0", "ValueError"),)
