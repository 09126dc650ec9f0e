"""Asking a server: what it answers, what it refuses, and what is no server of ours."""

import json
import socket
import threading
from contextlib import contextmanager

import pytest

from trimtab.cli.access import Access
from trimtab.cli.client import Asked, ask, listen, parse_target
from trimtab.core.errors import OutsideError, UserError
from trimtab.core.secrets import Secret


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://127.0.0.1:8080/churn", Asked("http://127.0.0.1:8080", "churn")),
        ("http://host/v1/models/churn/rows", Asked("http://host", "churn")),
        ("https://host/v2/models/churn/infer", Asked("https://host", "churn")),
        ("https://[::1]:1/churn/", Asked("https://[::1]:1", "churn")),
    ],
)
def test_a_url_names_a_server_and_a_model(url, asked):
    assert parse_target(url) == asked
    assert asked.path == "/v1/models/churn/rows"


@pytest.mark.parametrize("url", ["http://host", "http://host/", "ftp://host/churn", "http:///churn", "http://h/a/b"])
def test_a_url_that_names_no_model_is_refused(url):
    with pytest.raises(UserError, match="P116"):
        parse_target(url)


def test_a_password_in_a_url_is_refused_and_not_shown():
    with pytest.raises(UserError, match="P116") as caught:
        parse_target("https://ann:c4n4ry@host/churn")
    assert "c4n4ry" not in str(caught.value)


@contextmanager
def serving(answer):
    """A server on the loopback address that reads one request and sends these bytes; the request is kept."""
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as file:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += file.readline()
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                got.append((head, file.read(length)))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Asked(f"http://127.0.0.1:{listener.getsockname()[1]}", "churn"), got
        thread.join()


def http(status, body):
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body


def test_rows_are_posted_as_json_and_the_answer_comes_back():
    answer = {"model": "churn", "rows": [{"y": 1}]}
    with serving(http(200, json.dumps(answer).encode())) as (target, got):
        assert ask(target, [{"x": "é"}]) == answer
    head, body = got[0]
    assert head.startswith(b"POST /v1/models/churn/rows HTTP/1.1\r\n")
    assert body == '{"rows": [{"x": "é"}]}'.encode()


def refused(answer, kind):
    with serving(answer) as (target, _), pytest.raises(kind) as caught:
        ask(target, [])
    return caught.value


def test_every_fault_that_the_server_names_is_a_problem_with_its_code():
    faults = [{"column": "x", "row": 1, "what": "bad", "hint": "mend"}, {"column": "z", "what": "missing column"}]
    body = json.dumps({"code": "P310", "error": "no", "faults": faults}).encode()
    error = refused(http(422, body), UserError)
    assert [(problem.code, problem.what, problem.where, problem.hint) for problem in error.problems] == [
        ("P310", "bad", "column `x`, row 1", "mend"),
        ("P310", "missing column", "column `z`", ""),
    ]


@pytest.mark.parametrize(("status", "kind"), [(404, UserError), (500, OutsideError), (503, OutsideError)])
def test_a_refusal_is_the_callers_fault_below_500(status, kind):
    error = refused(http(status, b'{"code": "P3", "error": "no", "hint": "do"}'), kind)
    assert type(error) is kind
    assert [(problem.code, problem.what, problem.hint) for problem in error.problems] == [("P3", "no", "do")]


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<html>"),
        http(200, b"[]"),
        http(200, b"{}"),
        http(404, b"gone"),
        http(502, b'"x"'),
        b"",
        b"nonsense\r\n",
    ],
)
def test_what_is_no_trimtab_is_said(answer):
    assert [problem.code for problem in refused(answer, OutsideError).problems] == ["P119"]


def test_nobody_there_is_said_with_how_to_start_one(free_port):
    with pytest.raises(OutsideError) as caught:
        ask(Asked(f"http://127.0.0.1:{free_port}", "churn"), [])
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("P117", "`trimtab serve churn`")


def stream(*parts, whole=True):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return head + chunks + (b"0\r\n\r\n" if whole else b"")


PART = b'event: part\ndata: {"rows": [{"y": 1}]}\n\n'
END = b'event: end\ndata: {"model": "churn"}\n\n'


def test_parts_are_asked_for_and_come_one_by_one():
    with serving(stream(PART, PART + END)) as (target, got):
        part = ("part", {"rows": [{"y": 1}]})
        assert list(listen(target, [{"x": 1}])) == [part, part, ("end", {"model": "churn"})]
    assert b"accept: text/event-stream\r\n" in got[0][0]
    assert got[0][1] == b'{"rows": [{"x": 1}]}'


def cut(answer, kind):
    """What was told before the error, and the error's only problem."""
    told = []
    with serving(answer) as (target, _), pytest.raises(kind) as caught:
        told.extend(listen(target, []))
    (problem,) = caught.value.problems
    return told, problem


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (stream(PART), OutsideError, "P119"),
        (stream(PART, whole=False), OutsideError, "P119"),
        (stream(PART, END[:10], whole=False), OutsideError, "P119"),
        (stream(PART, b"event: part\ndata: nonsense\n\n"), OutsideError, "P119"),
        (stream(PART, b'event: error\ndata: {"code": "P318", "error": "no"}\n\n'), OutsideError, "P318"),
    ],
)
def test_an_answer_that_does_not_end_well_is_an_error_behind_its_parts(answer, kind, code):
    with serving(answer) as (target, _):
        parts = listen(target, [])
        assert next(parts) == ("part", {"rows": [{"y": 1}]})
        with pytest.raises(kind) as caught:
            next(parts)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_model_without_parts_is_told_apart():
    body = PART + END
    whole = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    told, problem = cut(whole + body, UserError)
    assert (told, problem.code, problem.hint) == ([], "P127", "ask it without `--stream`")
    assert cut(http(200, b'{"rows": []}'), UserError)[1].code == "P127"


def test_what_is_refused_ahead_of_the_first_part_is_said_as_ever():
    assert cut(http(404, b'{"code": "P312", "error": "no model"}'), UserError)[1].what == "no model"
    assert cut(http(200, b"<html>"), OutsideError)[1].code == "P119"


ACCESS = Access(Secret("Bearer c4n4ry-key"))


def test_who_asks_is_said_in_a_header_with_every_question():
    with serving(http(200, b'{"rows": []}')) as (target, got):
        ask(target, [], ACCESS)
    with serving(stream(END)) as (target, more):
        list(listen(target, [], ACCESS))
    for head, body in (*got, *more):
        assert head.count(b"authorization: Bearer c4n4ry-key\r\n") == 1
        assert b"c4n4ry" not in body + head.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("status", "headers", "body", "access", "hint"),
    [
        (401, "", {}, Access(), "set `TRIMTAB_API_KEY`, or say where the key is: `--key-from file:PATH`"),
        (401, "", {"hint": "its own"}, Access(), "its own"),
        (401, "", {}, ACCESS, ""),
        (403, "", {"hint": "ask for `infer:churn`"}, ACCESS, "ask for `infer:churn`"),
        (429, "retry-after: 7\r\n", {}, ACCESS, "it may be asked again in 7 s"),
        (429, "retry-after: Fri, 31 Dec 2030 23:59:59 GMT\r\n", {}, ACCESS, ""),
    ],
)
def test_a_refusal_comes_with_the_servers_hint_or_ours(status, headers, body, access, hint):
    answer = http(status, json.dumps({"code": "P340", "error": "no"} | body).encode())
    answer = answer.replace(b"connection: close\r\n", b"connection: close\r\n" + headers.encode())
    with serving(answer) as (target, _), pytest.raises(UserError) as caught:
        ask(target, [], access)
    (problem,) = caught.value.problems
    assert (problem.code, problem.what, problem.hint) == ("P340", "no", hint)


@pytest.mark.parametrize(
    "answer",
    [
        http(401, b'{"code": "P340", "error": "bad key c4n4ry-key", "hint": "not c4n4ry-key"}'),
        http(
            422, b'{"code": "P301", "faults": [{"column": "c4n4ry-key", "what": "c4n4ry-key", "hint": "c4n4ry-key"}]}'
        ),
        http(200, b"c4n4ry-key"),
        b"HTTP/1.1 c4n4ry-key\r\n\r\n",
        b"c4n4ry-key\r\n\r\n",
    ],
)
def test_a_key_that_a_server_repeats_in_a_refusal_is_not_shown(answer):
    with serving(answer) as (target, _), pytest.raises((UserError, OutsideError)) as caught:
        ask(target, [], ACCESS)
    assert "c4n4ry" not in str(caught.value)
