"""The receiving side of a connection: requests in order, one refusal at most, and what it waits for."""

import pytest

from trimtab.server.connection import Connection, Limits, Phase
from trimtab.server.wire import Continue, Refusal, Request

HOST = b"host: a\r\n"
NO_CODING = "the only transfer coding taken is `chunked`"
TWO_LENGTHS = "malformed head: Duplicate Content-Length"


def receive(data, limits=None):
    return Connection(limits or Limits()).receive(data)


def head(line=b"POST / HTTP/1.1", *headers):
    return b"".join(part + b"\r\n" for part in (line, b"host: a", *headers, b""))


def one(data):
    (event,) = receive(data)
    assert isinstance(event, Request), event
    return event


def test_a_request_has_its_parts_as_they_were_sent():
    request = one(head(b"GET /a%2Fb?c=d?e HTTP/1.1", b"X-Id:\t one ", b"x-iD: two", b"Accept:"))
    assert request == Request(
        b"GET", b"/a%2Fb", b"c=d?e", {b"host": b"a", b"x-id": b"one, two", b"accept": b""}, b"", keep_alive=True
    )


def test_pipelined_requests_come_in_order_with_their_bodies():
    data = (
        head(b"PUT /1 HTTP/1.1", b"content-length: 3")
        + b"abc"
        + head(b"GET /2 HTTP/1.1")
        + b"\r\n"
        + head(b"POST /3 HTTP/1.1", b"transfer-encoding: chunked")
        + b"1\r\nx\r\n0\r\n\r\n"
        + head(b"DELETE /4 HTTP/1.1", b"content-length: 0")
    )
    assert [(event.path, bytes(event.body)) for event in receive(data)] == [
        (b"/1", b"abc"), (b"/2", b""), (b"/3", b"x"), (b"/4", b""),
    ]  # fmt: skip


def test_the_phase_says_what_is_waited_for_and_received_how_much_of_a_body_is_here():
    connection = Connection(Limits())
    phases = []
    for piece in (b"POST", b" / HTTP/1.1\r\n" + HOST + b"content-length: 4\r\n\r\n", b"ab", b"cdGET ", b"?"):
        connection.receive(piece)
        phases.append((connection.phase, connection.received))
    assert phases == [(Phase.HEAD, 0), (Phase.BODY, 0), (Phase.BODY, 2), (Phase.HEAD, 0), (Phase.HEAD, 0)]
    assert Connection(Limits()).phase is Phase.IDLE
    connection = Connection(Limits())
    connection.receive(head(b"POST / HTTP/1.1", b"transfer-encoding: chunked") + b"4\r\nab")
    assert (connection.phase, connection.received) == (Phase.BODY, 2)
    assert bytes(connection.receive(b"cd\r\n0\r\n\r\n")[0].body) == b"abcd"
    assert (connection.phase, connection.received) == (Phase.IDLE, 0)


@pytest.mark.parametrize(
    ("line", "header", "keep_alive"),
    [
        (b"GET / HTTP/1.1", b"x: y", True),
        (b"GET / HTTP/1.1", b"connection: close", False),
        (b"GET / HTTP/1.1", b"connection: Upgrade,\tClose\t", False),
        (b"GET / HTTP/1.1", b"connection: clo se", True),
        (b"GET / HTTP/1.1", b"connection: not-close", True),
        (b"GET / HTTP/1.0", b"x: y", False),
        (b"GET / HTTP/1.0", b"connection: Keep-Alive", True),
        (b"GET / HTTP/1.0", b"connection: x ,\tkeep-alive", True),
    ],
)
def test_the_connection_goes_on_unless_the_request_ends_it(line, header, keep_alive):
    connection = Connection(Limits())
    (request,) = connection.receive(head(line, header))
    assert request.keep_alive is keep_alive
    assert connection.phase is (Phase.IDLE if keep_alive else Phase.CLOSED)
    assert len(connection.receive(head())) == keep_alive


def test_continue_is_for_a_body_that_is_waited_for_only():
    expecting = head(b"POST / HTTP/1.1", b"content-length: 2", b"expect: 100-Continue")
    connection = Connection(Limits())
    assert connection.receive(expecting) == [Continue()]
    assert [type(event) for event in connection.receive(b"ab")] == [Request]
    assert [type(event) for event in receive(expecting + b"a")] == []
    assert [type(event) for event in receive(expecting + b"ab")] == [Request]
    assert [type(event) for event in receive(head(b"GET / HTTP/1.1", b"expect: 100-continue"))] == [Request]
    assert receive(head(b"POST / HTTP/1.1", b"content-length: 70000000", b"expect: 100-continue")) == [
        Refusal(413, "the body is longer than 67108864 bytes")
    ]


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", b"/", b""),
        (b"//b/x", b"//b/x", b""),
        (b"/../x", b"/../x", b""),
        (b"http://b", b"/", b""),
        (b"http://b/x?y", b"/x", b"y"),
        (b"HTTPS://b:1?y", b"/", b"y"),
    ],
)
def test_a_target_is_a_path_or_an_address_of_which_the_path_counts(target, path, query):
    request = one(head(b"GET " + target + b" HTTP/1.1"))
    assert (request.path, request.query) == (path, query)


def test_the_whole_server_is_a_target_of_options_alone():
    assert one(head(b"OPTIONS * HTTP/1.1")).path == b"*"
    assert receive(head(b"GET * HTTP/1.1")) == [Refusal(400, "the target is neither a path nor a whole address")]


@pytest.mark.parametrize(
    ("data", "status", "what"),
    [
        (head(b"BREW / HTTP/1.1"), 501, "unknown method"),
        (head(b"GET / HTTP/1.2"), 505, "the only versions taken are HTTP/1.1 and HTTP/1.0"),
        (head(b"GET  / HTTP/1.1"), 400, "the first line is not `method target HTTP/1.1`"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "the header `host` is missing"),
        (head(b"GET / HTTP/1.1", b"Host: a"), 400, "the header `host` is given twice"),
        (head(b"GET / HTTP/1.1", b"content-length: 1", b"Content-Length: 1"), 400, TWO_LENGTHS),
        (head(b"GET / HTTP/1.1", b"transfer-encoding: gzip, chunked"), 501, NO_CODING),
        (head(b"GET / HTTP/1.0", b"transfer-encoding: chunked"), 400, "HTTP/1.0 has no transfer-encoding"),
        (head(b"GET / HTTP/1.1", b"content-length: 1234567890123456789"), 400, "content-length is not a number"),
        (head(b"GET / HTTP/1.1", b"expect: tea"), 417, "the only expectation met is `100-continue`"),
        (head(b"GET / HTTP/1.1", b"x: a", b" b"), 400, "malformed head: Unexpected whitespace after header value"),
    ],
)  # fmt: skip
def test_a_refusal_says_status_and_reason_and_is_the_last_event(data, status, what):
    connection = Connection(Limits())
    (refusal,) = connection.receive(data + head())
    assert (refusal.status, refusal.what) == (status, what)
    assert connection.phase is Phase.CLOSED
    assert connection.receive(head()) == []


def test_a_bare_lf_is_refused_before_its_head_is_complete():
    assert receive(b"GET / HTTP/1.1\nhost") == [Refusal(400, "a line of the head ends with a bare LF")]


def test_no_message_repeats_what_the_caller_sent_but_a_header_that_is_known():
    (refusal,) = receive(head(b"GET / HTTP/1.1", b"secret\x01: hidden"))
    assert (refusal.status, "secret" in refusal.what, "hidden" in refusal.what) == (400, False, False)


def test_the_limits_are_what_may_just_be():
    size = len(head(b"GET / HTTP/1.1"))
    assert len(receive(head(b"GET / HTTP/1.1"), Limits(head=size))) == 1
    assert receive(head(b"GET / HTTP/1.1"), Limits(head=size - 1)) == [
        Refusal(431, f"the head is longer than {size - 1} bytes")
    ]
    posted = head(b"POST / HTTP/1.1", b"content-length: 3")
    assert one(posted + b"abc").body == b"abc"
    assert receive(posted, Limits(body=3)) == []
    assert receive(posted, Limits(body=2)) == [Refusal(413, "the body is longer than 2 bytes")]
    chunked = head(b"POST / HTTP/1.1", b"transfer-encoding: chunked")
    assert receive(chunked + b"3\r\n", Limits(body=2)) == [Refusal(413, "the body is longer than 2 bytes")]


@pytest.mark.parametrize(
    ("data", "idle"),
    [
        (b"", True),
        (head(), True),
        (head(b"POST / HTTP/1.1", b"content-length: 1") + b"x", True),
        (head(b"POST / HTTP/1.1", b"content-length: 2") + b"x", False),
        (head(b"POST / HTTP/1.1", b"content-length: 2"), False),
        (b"P", False),
        (b"\r\n", False),
        (head() + b"P", False),
        (head(b"POST / HTTP/1.1", b"connection: close"), False),
        (b"nonsense\r\n\r\n", False),
    ],
)
def test_it_is_idle_where_the_next_byte_is_the_first_of_a_request(data, idle):
    connection = Connection(Limits())
    connection.receive(data)
    assert connection.idle is idle
