"""Rows by column names: what is asked, what is answered, and what is no such request."""

import json

import numpy as np
import pytest

from trimtab.core.check import SignatureError, check
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import rows

GOOD = {"age": 30, "plan": "plus", "spend": 1.5, "city": None}


@pytest.fixture
def read(endpoint, kit):
    def read(body, headers=None, to=endpoint):
        return rows.read(kit.post(body, headers), to, "own-id")

    return read


def problem(call):
    with pytest.raises(UserError) as caught:
        call()
    return caught.value.problems[0]


def test_rows_become_columns_in_a_bare_list_and_in_an_object(read):
    body = [GOOD, {**GOOD, "age": 31, "city": "Bern"}]
    expected = {"age": [30, 31], "plan": ["plus"] * 2, "spend": [1.5] * 2, "city": [None, "Bern"]}
    for exchange, own in ((read(body), "own-id"), (read({"rows": body, "id": "mine"}), "mine")):
        request = exchange.request
        assert (request.model, request.columns, request.id, request.outputs) == ("churn", expected, own, ())
    assert read(b' \n\t[ {"age": 1} ]').request.columns["age"] == [1]


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_id_is_none(read, nothing):
    assert read({"rows": [GOOD], "id": nothing}).request.id == "own-id"


def test_a_key_that_a_row_lacks_is_null_and_a_column_that_none_has_is_missing(read, kit):
    first = {"age": 30, "plan": "plus"}
    columns = read([first, GOOD]).request.columns
    assert (columns["spend"], columns["city"]) == ([None, 1.5], [None, None])
    assert "spend" not in read([first]).request.columns
    with pytest.raises(SignatureError) as caught:
        check(kit.signature, columns)
    assert [(fault.column, fault.row) for fault in caught.value.faults] == [("spend", 0)]


def test_no_rows_are_all_columns_of_none(read, kit):
    columns = read([]).request.columns
    assert columns == {"age": [], "plan": [], "spend": [], "city": []}
    assert check(kit.signature, columns).height == 0


def test_unknown_columns_are_kept_for_the_check_to_name_but_not_a_flood_of_them(read):
    assert read([GOOD, {**GOOD, "x": 1}]).request.columns["x"] == [None, 1]
    flood = read([{f"x{count}": 1 for count in range(5000)}]).request.columns
    assert len([name for name in flood if name.startswith("x")]) == 1000


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "the body is empty"),
        (b'{"row":[]}', "the body does not fit: Object missing required field `rows`"),
        (b"[[1]]", "the body does not fit: Expected `object`, got `array` - at `$[0]`"),
        (b'{"rows":{"a":1}}', "the body does not fit: Expected `array`, got `object` - at `$.rows`"),
        (b'{"rows":[],"id":7}', "the body does not fit: Expected `str | null`, got `int` - at `$.id`"),
        (b'[{"age":1,"age":2}]', "an object has the key `age` twice"),
        (b'[{"v":{"a":1,"a":2}}]', "an object has the key `a` twice"),
        (b'{"rows":[],"rows":[]}', "an object has the key `rows` twice"),
        (b'{"rows":[],"more":1,"more":2}', "an object has the key `more` twice"),
        (b'{"rows":[],"id":"a\\nb"}', "`id` must be printable ASCII of at most 128 characters"),
        (b'[{"age":"\xff"}]', "the body is not UTF-8"),
    ],
)
def test_what_is_no_such_request_is_refused(read, body, what):
    found = problem(lambda: read(body))
    assert (found.code, found.what) == ("P310", what)


def test_colons_and_quotes_in_text_are_no_keys(read):
    body = [{**GOOD, "city": 'a:"b":c\\'}, {**GOOD, "city": '","age":1'}]
    assert read(body).request.columns["city"] == ['a:"b":c\\', '","age":1']


def test_a_number_out_of_range_is_named_by_column_and_row(read):
    found = problem(lambda: read(b'{"rows":[{"age":1},{"spend":1e999}]}'))
    assert (found.code, found.what, found.where) == (
        "P310",
        "the number `1e999` is out of range",
        "column `spend`, row 1",
    )


def test_another_type_is_refused(read):
    assert problem(lambda: read([GOOD], {b"content-type": b"application/octet-stream"})).code == "P314"


def answer(outputs, count, request_id="id-1"):
    return rows.write(InferResponse("churn", "v1", request_id, outputs, count))


def test_the_answer_has_one_object_a_row(outputs):
    written = answer(outputs, 2)
    assert (written.status, written.content_type) == (200, b"application/json")
    assert json.loads(written.body) == {
        "model": "churn", "version": "v1", "id": "id-1",
        "rows": [{"score": 3.0, "label": "3"}, {"score": "Infinity", "label": "é"}],
    }  # fmt: skip


def test_every_kind_of_output_has_its_json():
    ragged = np.empty(2, object)
    ragged[:] = [np.array([1, 2]), np.array([], np.int64)]
    outputs = {
        "nan": np.array([np.nan, -np.inf], np.float32), "flag": np.array([True, False]), "big": np.array([2**62, -1]),
        "pair": np.arange(8).reshape(2, 2, 2), "none": np.zeros((2, 0)), "ragged": ragged,
        "at": np.array(["2030-01-01T00:00:00", "NaT"], "datetime64[s]"), "text": np.array([None, b"b"], object),
    }  # fmt: skip
    first, second = json.loads(answer(outputs, 2).body)["rows"]
    assert first == {
        "nan": None, "flag": True, "big": 2**62, "pair": [[0, 1], [2, 3]], "none": [], "ragged": [1, 2],
        "at": "2030-01-01T00:00:00Z", "text": None,
    }  # fmt: skip
    assert second == {
        "nan": "-Infinity", "flag": False, "big": -1, "pair": [[4, 5], [6, 7]], "none": [], "ragged": [],
        "at": None, "text": "b",
    }  # fmt: skip


def test_bytes_that_json_cannot_carry_are_refused_with_the_way_that_can():
    found = problem(lambda: answer({"raw": np.array([b"\xff"], object)}, 1))
    assert (found.code, found.where) == ("P310", "the answer")
    assert (found.what, found.hint) == (
        "bytes that are no UTF-8 text need the binary form",
        "ask in the Open Inference Protocol, in binary",
    )


def test_no_rows_are_answered_by_none():
    assert json.loads(answer({"score": np.zeros(0)}, 0).body)["rows"] == []


def test_a_column_of_lists_stays_a_list_a_row(read, kit):
    endpoint = kit.endpoint(Signature((Field("v", "FP32", (-1, 2)),)))
    request = read([{"v": [1, 2]}, {"v": [3, 4]}], to=endpoint).request
    assert request.columns == {"v": [[1, 2], [3, 4]]}


def test_events_are_streamed_by_a_model_that_yields_and_whole_from_any_other(read, endpoint):
    asked = {b"accept": b"text/event-stream"}
    assert read([GOOD]).events is read([GOOD], {b"accept": b"*/*"}).events is None
    whole = read([GOOD], asked)
    assert whole.events is None
    answer = whole.encode(InferResponse("churn", "v", "id", {"score": np.array([1.5])}, 1))
    assert (answer.status, answer.content_type) == (200, b"text/event-stream")
    assert answer.body == (
        b'event: part\ndata: {"rows":[{"score":1.5}]}\n\n'
        b'event: end\ndata: {"model":"churn","version":"v","id":"id"}\n\n'
    )
    endpoint.yields = True
    assert read([GOOD], asked).events is rows.ROW_EVENTS
    assert read([GOOD]).events is None
