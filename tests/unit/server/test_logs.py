"""A log line is one line of JSON, whatever is in the event, and losing one harms nobody."""

import contextlib
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.logs import Printed, describe, line, to_stderr

TIME = "2030-01-01T00:00:00.000+00:00"
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(), st.dictionaries(st.text().filter(lambda key: key not in ("time", "event")), plain, max_size=4))
def test_a_line_is_one_line_of_printable_ascii_and_says_the_same(event, fields):
    text = line(event, fields, TIME)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == {"time": TIME, "event": event, **fields}


def test_nothing_in_an_event_forges_a_second_line_or_moves_the_terminal():
    text = line("x", {"path": 'a\r\n{"event": "forged"}\x1b[2J\x7f\u2028\x00'}, TIME)
    assert text == (
        f'{{"time": "{TIME}", "event": "x", "path": '
        r'"a\r\n{\"event\": \"forged\"}\u001b[2J\u007f\u2028\u0000"}'
    )


def test_what_is_no_json_is_shown_as_python_shows_it():
    assert json.loads(line("x", {"body": b"\xff", "kind": int}, TIME))["body"] == "b'\\xff'"


def test_an_event_goes_to_standard_error_with_its_time_in_utc():
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        to_stderr("started", {"port": 8080})
    (said,) = written.getvalue().splitlines()
    found = json.loads(said)
    assert (found["event"], found["port"], found["time"][-6:]) == ("started", 8080, "+00:00")
    assert found["time"][10] == "T"


class Full(io.StringIO):
    """A standard error on a full disk."""

    def write(self, _text):
        raise OSError(28, "no space left on device")


def test_a_closed_or_full_standard_error_loses_the_line_only():
    closed = io.StringIO()
    closed.close()
    for stream in (closed, Full()):
        with contextlib.redirect_stderr(stream):
            assert to_stderr("started", {}) is None


def test_an_error_is_described_with_its_cause():
    error = ValueError("outer\nline")
    error.__cause__ = KeyError("inner")
    found = describe(error)
    assert found["error"] == "ValueError: outer\nline"
    assert found["traceback"].startswith("KeyError: 'inner'\n")
    assert found["traceback"].endswith("ValueError: outer\nline\n")


def printed(*words):
    """The events that these writes to a printed stream become, and the stream."""
    written = io.StringIO()
    stream = Printed(written)
    with contextlib.redirect_stderr(stream):
        for word in words:
            assert stream.write(word) == len(word)
        to_stderr("ours", {})
    *events, ours = map(json.loads, written.getvalue().splitlines())
    assert ours["event"] == "ours"
    assert {event["event"] for event in events} <= {"printed"}
    return [event["text"] for event in events]


def test_what_is_printed_becomes_an_event_where_its_line_ends():
    assert printed("a", "\n") == ["a"]
    assert printed("a\nb", "c\n", "d") == ["a", "bc"]
    assert printed("Traceback:\n  one\n  two\n", "\n", " \n") == ["Traceback:\n  one\n  two"]


def test_what_is_printed_without_an_end_is_not_kept_for_ever():
    assert printed("x" * 8192) == []
    assert printed("x" * 8192, "y", "z\n") == ["x" * 8192 + "y", "z"]


def test_what_is_printed_forges_nothing():
    assert printed('{"event": "forged"}\r\n\x1b[2J\n') == ['{"event": "forged"}\r\n\x1b[2J']


def test_a_printed_stream_has_the_descriptor_beneath():
    with open("/dev/null", "w", encoding="utf-8") as beneath:  # noqa: PTH123 - no path of ours
        assert Printed(beneath).fileno() == beneath.fileno()
