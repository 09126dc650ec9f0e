"""Bodies before anybody asks what they mean: their type, their JSON, keys given twice, ids."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.errors import UserError
from trimtab.server.dialects.body import checked_id, decode, refuse_duplicates, require_type

JSON = frozenset({b"application/json"})
ANY = msgspec.json.Decoder()
ROWS = msgspec.json.Decoder(list[dict[str, object]])


def problem(call):
    with pytest.raises(UserError) as caught:
        call()
    (found,) = caught.value.problems
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"content-type": b"application/json"},
        {b"content-type": b"Application/JSON; Charset=UTF-8"},
        {b"content-type": b'application/json ;charset="utf-8"'},
        {b"content-type": b"application/json;"},
        {b"content-encoding": b"Identity"},
    ],
)
def test_json_is_taken_and_so_is_a_body_that_says_nothing(headers):
    assert require_type(headers, JSON) is None


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({b"content-type": b"text/csv"}, "content type `text/csv` is not taken, only `application/json`"),
        ({b"content-type": b""}, "content type `` is not taken, only `application/json`"),
        (
            {b"content-type": b"application/json; charset=latin-1"},
            "content type `application/json; charset=latin-1` is",
        ),
        ({b"content-type": b"application/jsonp"}, "content type `application/jsonp` is not taken"),
        ({b"content-type": b"x" * 500}, f"content type `{'x' * 100}` is not taken"),
    ],
)
def test_what_says_it_is_something_else_is_refused(headers, what):
    found = problem(lambda: require_type(headers, JSON))
    assert (found.code, found.what[: len(what)]) == ("P314", what)
    assert found.hint


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        (b"", "the body is empty", ""),
        (b'[{"a":1', "the body is no JSON: Input data was truncated", ""),
        (b"[{'a':1}]", "the body is no JSON: ", ""),
        (b'[{"a":NaN}]', "the body is no JSON: ", ""),
        (b'[{"a":1}] x', "the body is no JSON: ", ""),
        (b'[{"a":"\xff"}]', "the body is not UTF-8", ""),
        (b'[{"a":' + b"[" * 100_000, "the body is nested too deeply", ""),
        (b"[1]", "the body does not fit: Expected `object`, got `int` - at `$[0]`", ""),
        (b'[{"a":1},{"b":1e999}]', "the number `1e999` is out of range", "column `b`, row 1"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(body, what, where):
    for form in (body, bytearray(body), memoryview(body)):
        found = problem(lambda form=form: decode(ROWS, form))
        assert (found.code, found.what[: len(what)], found.where) == ("P310", what, where)


def test_a_body_that_can_be_read_is():
    assert decode(ROWS, b' [ {"a": null, "\\u00e9": [1, 2.5]} ]\n') == [{"a": None, "é": [1, 2.5]}]


def keys_of(value):
    if isinstance(value, dict):
        return len(value) + sum(map(keys_of, value.values()))
    return sum(map(keys_of, value)) if isinstance(value, list) else 0


texts = st.text(st.sampled_from(list('a:"\\\n{},é')), max_size=5)
values = st.recursive(
    st.none() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values, st.booleans(), st.integers(0, 3))
def test_a_body_whose_keys_are_all_different_is_never_refused(value, ascii_only, seen):
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert refuse_duplicates(body, keys_of(value)) is None
    assert refuse_duplicates(body, seen) is None  # a wrong count only costs a second reading


@given(texts, values, values, values)
def test_a_key_that_is_given_twice_is_always_refused(key, first, second, other):
    quoted = json.dumps(key)
    twice = f"{{{quoted}: {json.dumps(first)}, {quoted}: {json.dumps(second)}}}"
    body = f'[{json.dumps(other)}, {{"deep": {twice}}}]'.encode()
    decoded = decode(ANY, body)
    found = problem(lambda: refuse_duplicates(body, keys_of(decoded)))
    assert (found.code, found.what) == ("P310", f"an object has the key `{key}` twice")


def test_the_same_key_written_in_two_ways_is_the_same_key():
    found = problem(lambda: refuse_duplicates(b'{"a": 1, "\\u0061": 2}', 1))
    assert found.what == "an object has the key `a` twice"


def test_a_long_key_is_cut_and_json_too_deep_for_a_second_reading_is_refused():
    twice = b'{"%b":1,"%b":2}' % (b"k" * 300, b"k" * 300)
    assert problem(lambda: refuse_duplicates(twice, 1)).what == f"an object has the key `{'k' * 100}` twice"
    deep = b"[" * 100_000 + b'{"a":1,"a":2}' + b"]" * 100_000
    assert problem(lambda: refuse_duplicates(deep, 1)).what == "the body is nested too deeply or is no JSON"


@pytest.mark.parametrize("given_id", ["a", "e 1~", "x" * 128])
def test_an_id_that_is_printable_and_short_is_kept(given_id):
    assert checked_id(given_id, "own") == given_id


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_request_without_an_id_gets_one(nothing):
    assert checked_id(nothing, "own") == "own"


@pytest.mark.parametrize("given_id", ["x" * 129, "a\nb", "\x1b[2J", "a\u202eb", "\ud800", "é", 7, ["a"]])
def test_an_id_that_could_not_be_shown_is_refused(given_id):
    found = problem(lambda: checked_id(given_id, "own"))
    assert (found.code, found.what) == ("P310", "`id` must be printable ASCII of at most 128 characters")
