"""Whatever a model answers, every dialect's JSON is JSON to a parser that knows no NaN (decision 0005)."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.signature import Field
from trimtab.core.tensors import split_items
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import oip_answer, rows

FLOATS = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7976931348623157e308]), st.floats()
)


def strict(text):
    """JSON, or a failure: no bare NaN, no bare infinity, no key twice."""

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)


class Endpoint:
    """What encoding needs of one."""

    def __init__(self, *fields):
        self.outputs = {field.name: field for field in fields}
        self.name, self.version, self.notes = "m", "v", {}

    def of(self, _version):
        """No flight is on."""
        return self


def spoken(value):
    """How a float is written (decision 0005)."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


@given(st.lists(FLOATS, max_size=8), st.sampled_from([np.float64, np.float32, np.float16]))
def test_floats_of_every_width_in_both_dialects(values, dtype):
    with np.errstate(over="ignore"):
        array = np.array(values, dtype)
    response = InferResponse("m", "1", "id", {"y": array}, len(array))
    wanted = [spoken(value) for value in array.tolist()]
    assert [row["y"] for row in strict(rows.write(response).body)["rows"]] == wanted
    endpoint = Endpoint(Field("y", "FP64"))
    (tensor,) = strict(oip_answer.encode(endpoint, oip_answer.Wanted({}, False), response).body)["outputs"]
    assert tensor["data"] == wanted


@given(st.lists(st.lists(FLOATS, max_size=3), min_size=1, max_size=5))
def test_lists_of_varying_length_in_both_dialects(values):
    array = split_items([np.array(row, np.float64) for row in values])
    response = InferResponse("m", "1", "id", {"y": array}, len(array))
    wanted = [[spoken(value) for value in row] for row in values]
    assert [row["y"] for row in strict(rows.write(response).body)["rows"]] == wanted
    endpoint = Endpoint(Field("y", "FP64", (-1, -1)))
    (tensor,) = strict(oip_answer.encode(endpoint, oip_answer.Wanted({}, False), response).body)["outputs"]
    assert tensor["data"] == wanted


@given(st.lists(FLOATS, min_size=1, max_size=8))
def test_the_json_in_front_of_binary_tensors(values):
    outputs = {"raw": np.array(values), "text": np.array(values)}
    response = InferResponse("m", "1", "id", outputs, len(values))
    endpoint = Endpoint(Field("raw", "FP64"), Field("text", "FP64"))
    answer = oip_answer.encode(endpoint, oip_answer.Wanted({"raw": True, "text": False}, False), response)
    length = int(dict(answer.headers)[b"inference-header-content-length"])
    assert strict(answer.body[:length])["outputs"][1]["data"] == [spoken(value) for value in values]
    np.testing.assert_array_equal(np.frombuffer(answer.body[length:], "<f8"), values)
