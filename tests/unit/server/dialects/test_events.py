"""Who asks for events, and what one looks like."""

import pytest

from trimtab.server.dialects.events import asks_for_events, event


@pytest.mark.parametrize(
    ("accept", "asks"),
    [
        (b"text/event-stream", True),
        (b"Text/Event-Stream; charset=utf-8", True),
        (b"text/event-stream, application/json", True),
        (b"*/*, text/event-stream;q=0.5", True),
        (b"application/json, text/event-stream;q=0.5", False),
        (b"text/event-stream;q=0", False),
        (b"text/event-streams", False),
        (b"*/*", False),
        (b"", False),
        (b"a," * 30 + b"text/event-stream", False),
    ],
)
def test_events_are_asked_for_by_name(accept, asks):
    assert asks_for_events(accept) is asks


def test_an_event_is_these_bytes():
    assert event(b"part", b'{"a":1}') == b'event: part\ndata: {"a":1}\n\n'


@pytest.mark.parametrize("data", [b"a\nb", b"a\rb"])
def test_data_that_would_be_another_event_is_refused(data):
    with pytest.raises(ValueError, match="line end"):
        event(b"part", data)
