"""Frames as they pass by: where one ends, which calls are open, where a goodbye may stand."""

import pytest

from trimtab.server.grpc.frames import GOODBYE, Calls, from_client, from_server

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM = END_SETTINGS = ACK = 1
END_HEADERS = 4


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


OURS = frame(PING, ACK, payload=b"trimtab!")


def test_a_goodbye_is_a_goaway_that_drops_nothing_and_a_ping():
    assert frame(GOAWAY, payload=b"\x7f\xff\xff\xff\0\0\0\0") + frame(PING, payload=b"trimtab!") == GOODBYE


def test_a_call_is_open_from_its_headers_until_the_server_has_ended_it():
    calls = Calls()
    client, server = from_client(calls), from_server(calls)
    client.feed(PREFACE + frame(SETTINGS) + frame(HEADERS, END_HEADERS, 1, b"h") + frame(DATA, END_STREAM, 1, b"d"))
    client.feed(frame(HEADERS, END_HEADERS, 3, b"h"))
    assert calls.open == {1, 3}
    server.feed(frame(SETTINGS) + frame(HEADERS, END_HEADERS, 3, b"h") + frame(DATA, 0, 3, b"d"))
    assert calls.open == {1, 3}
    server.feed(frame(HEADERS, END_HEADERS | END_STREAM, 3, b"t"))
    assert calls.open == {1}
    client.feed(frame(HEADERS, END_HEADERS | END_STREAM, 1, b"trailers of a call that is known"))
    assert calls.open == {1}


@pytest.mark.parametrize("side", ["asked", "answered"])
def test_a_call_that_either_side_breaks_off_is_open_no_longer(side):
    calls = Calls()
    calls.asked(HEADERS, END_HEADERS, 5, b"")
    getattr(calls, side)(RST, 0, 5, b"")
    assert calls.open == set()


@pytest.mark.parametrize(
    ("echo", "heard"),
    [
        (OURS, True),
        (frame(PING, 0, payload=b"trimtab!"), False),
        (frame(PING, ACK, payload=b"another!"), False),
        (frame(DATA, ACK, 1, b"trimtab!"), False),
        (frame(PING, ACK, payload=b"x" * 70_000 + b"trimtab!"), False),
    ],
)
def test_only_the_echo_of_our_own_ping_says_that_the_goodbye_was_read(echo, heard):
    calls = Calls()
    from_client(calls).feed(PREFACE + echo)
    assert calls.echoes == heard


def test_nothing_may_stand_before_the_first_frame_or_within_one_or_between_headers_and_their_rest():
    frames = from_server(Calls())
    assert (frames.feed(b""), frames.seam) == (-1, False)
    settings = frame(SETTINGS, payload=b"123456")
    assert (frames.feed(settings[:-1]), frames.seam) == (-1, False)
    assert (frames.feed(settings[-1:]), frames.seam) == (1, True)
    assert (frames.feed(b""), frames.seam) == (-1, True)
    assert (frames.feed(frame(HEADERS, 0, 1, b"h")), frames.seam) == (-1, False)
    assert (frames.feed(frame(CONTINUATION, 0, 1, b"h")), frames.seam) == (-1, False)
    assert (frames.feed(frame(CONTINUATION, END_HEADERS, 1, b"h")), frames.seam) == (10, True)


def test_the_place_is_behind_the_last_whole_frame():
    frames = from_server(Calls())
    whole = frame(SETTINGS) + frame(DATA, 0, 1, b"x" * 100)
    assert frames.feed(whole + frame(DATA, 0, 1, b"y")[:5]) == len(whole)
    assert not frames.seam
    frames = from_server(Calls())
    assert frames.feed(frame(SETTINGS) + frame(HEADERS, 0, 1, b"h") + frame(CONTINUATION, 0, 1)) == len(frame(SETTINGS))


def test_a_preface_is_no_frame():
    frames = from_client(Calls())
    assert (frames.feed(PREFACE), frames.seam) == (-1, False)
    assert (frames.feed(frame(SETTINGS)), frames.seam) == (9, True)
