"""Requests over one connection, against a stream in memory."""

import asyncio

import pytest


class Writer:
    """The writing end, which keeps what was written."""

    def __init__(self):
        self.written = b""
        self.closed = False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True

    async def wait_closed(self):
        assert self.closed


def talk(demo, incoming, *bodies):
    """The answers to the bodies when the server sends these bytes, and what was written."""
    module = demo("keepalive")

    async def go():
        reader, writer = asyncio.StreamReader(), Writer()
        reader.feed_data(incoming)
        reader.feed_eof()
        connection = module.Connection(reader, writer, "host:1", "/rows")
        answers = [await connection.ask(body) for body in bodies]
        await connection.close()
        return answers, writer.written

    return asyncio.run(go())


def http(status, body):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_requests_follow_each_other_on_one_connection(demo):
    answers, written = talk(
        demo, http("200 OK", b"one") + http("200 OK", b"") + http("200 OK", b"x" * 99), b"a", b"", b"ccc"
    )
    assert answers == [b"one", b"", b"x" * 99]
    heads = [part.partition(b"\r\n\r\n") for part in written.split(b"POST ")[1:]]
    assert [body for _, _, body in heads] == [b"a", b"", b"ccc"]
    assert heads[2][0] == (b"/rows HTTP/1.1\r\nhost: host:1\r\ncontent-type: application/json\r\ncontent-length: 3")


def test_a_server_that_takes_no_more_is_heard(demo):
    module = demo("keepalive")

    async def go(incoming):
        reader = asyncio.StreamReader()
        reader.feed_data(incoming)
        connection = module.Connection(reader, Writer(), "host:1", "/rows")
        await connection.ask(b"a")
        return connection.closing

    assert not asyncio.run(go(http("200 OK", b"connection: close\r\n")))
    assert asyncio.run(go(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))


def test_another_status_is_an_error_that_shows_the_answer(demo):
    with pytest.raises(demo("keepalive").RefusedRequestError, match=r"HTTP/1\.1 422 No: bad row"):
        talk(demo, http("422 No", b"bad row"), b"a")


def test_an_answer_that_is_cut_off_is_no_answer(demo):
    with pytest.raises(asyncio.IncompleteReadError):
        talk(demo, http("200 OK", b"one")[:-1], b"a")
