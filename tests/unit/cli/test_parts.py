"""Events out of lines, and lines out of parts."""

import pytest

from trimtab.cli.parts import Lines, events

PART, END = b'event: part\ndata: {"rows": []}\n\n', b'event: end\r\ndata: {"id": "1"}\r\n\r\n'


def told(text):
    return list(events(text.splitlines(keepends=True)))


def test_each_event_has_its_name_and_its_data():
    assert told(PART + END) == [("part", {"rows": []}), ("end", {"id": "1"})]


def test_an_event_is_there_as_soon_as_its_last_line_is():
    lines = iter(PART.splitlines(keepends=True))
    assert next(events(lines)) == ("part", {"rows": []})
    assert next(lines, None) is None


@pytest.mark.parametrize(
    "between", [b": a comment\n\n", b"id: 7\nretry: 1000\n\n", b"event: nothing\n\n", b"\n\n", b"strange\n"]
)
def test_what_is_no_event_is_passed_over(between):
    assert [name for name, _ in told(between + PART)] == ["part"]


def test_half_an_event_is_none():
    assert told(PART[:-1]) == []


@pytest.mark.parametrize("data", [b"[]", b"{", b"1", b"\xff"])
def test_data_that_is_no_object_is_an_error(data):
    with pytest.raises(ValueError, match=r".+"):
        told(b"event: part\ndata: " + data + b"\n\n")


def test_one_row_is_a_line_and_the_names_are_said_once():
    lines = Lines()
    assert lines.of([{"text": "a ", "count": 1}]) == ["text  count", "a     1"]
    assert lines.of([{"text": "longer", "count": None}]) == ["longer  -"]
    assert lines.of([{"text": "b", "count": 0.25}]) == ["b       0.25"]


def test_several_rows_have_their_numbers():
    assert Lines().of([{"y": 1}, {"y": None}]) == ["row  y", "0    1", "1    -"]


def test_a_part_that_speaks_of_something_else_says_so():
    lines = Lines()
    assert lines.of([{"score": 1.5}]) == ["score", "1.5"]
    assert lines.of([{"text": "x"}]) == ["text", "x"]
    assert lines.of([]) == []
