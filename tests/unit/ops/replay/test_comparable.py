"""Which outputs are compared, and why others are not."""

import pyarrow as pa
import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field
from trimtab.ops.replay.comparable import check_wanted, common, described, recorded
from trimtab.ops.replay.decision import Wanted
from trimtab.ops.replay.recorded import Part

SCORE, LABEL = Field("score", "FP64"), Field("label", "BYTES")
PAIR = Field("pair", "FP64", (-1, 2))


def codes(call):
    with pytest.raises(UserError) as caught:
        call()
    return [problem.code for problem in caught.value.problems], str(caught.value)


def test_outputs_that_were_recorded_as_they_were_are_compared():
    types = {"in_x": pa.int64(), "out_score": pa.float64(), "out_pair": pa.list_(pa.float64()), "out_old": pa.int64()}
    parts = [Part(9, {"out_score": "keep", "out_pair": "keep", "out_old": "keep"})]
    fields, notes = recorded([SCORE, LABEL, PAIR], parts, types)
    assert fields == (SCORE, PAIR)
    assert notes == (
        "`label` is not compared: in the journal it is not there, in some rows at least",
        "`old` is no output of the candidate",
    )


def test_what_was_hashed_or_is_of_another_type_is_not():
    types = {"out_score": pa.string(), "out_label": pa.string()}
    parts = [Part(9, {"out_score": "keep", "out_label": "hash"})]
    found, said = codes(lambda: recorded([SCORE, LABEL], parts, types))
    assert found == ["P973"]
    assert "`label` is not compared: in the journal it is kept as `hash`" in said
    assert "`score` is not compared: it is `string` in the journal" in said


def test_two_bundles_share_outputs_by_name():
    fields, notes = common([SCORE, LABEL], [LABEL, PAIR])
    assert fields == (LABEL,)
    assert notes == ("`score` is no output of the baseline", "`pair` is no output of the candidate")
    assert codes(lambda: common([SCORE], [LABEL]))[0] == ["P973"]


def test_a_candidate_without_promises_is_held_to_what_was_recorded():
    types = {
        "out_a": pa.int32(),
        "out_b": pa.list_(pa.float64()),
        "out_c": pa.map_(pa.int8(), pa.int8()),
        "in_x": pa.int8(),
    }
    assert described(types) == (Field("a", "INT32", nullable=True), Field("b", "FP64", (-1, -1), nullable=True))


def test_thresholds_and_decisions_are_of_outputs_that_are_compared():
    check_wanted(Wanted({"score": 0.5}, ("label",)), [SCORE, LABEL])
    found, said = codes(
        lambda: check_wanted(Wanted({"scor": 0.5, "pair": 1, "label": 1}, ("lable",)), [SCORE, LABEL, PAIR])
    )
    assert found == ["P975"] * 4
    assert "did you mean `score`?" in said
    assert "`pair` is `pair FP64[-1,2]`: a threshold is for one number a row" in said
    assert "did you mean `label`?" in said
