"""The client of applications: what it sends, what it repeats, and what it says when nothing helps."""

import json
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from tests.doubles.hearing import hearing

from trimtab.client import BATCH, Client, Patience, SayingError
from trimtab.server.wire import Answer

BUSY = Answer(503, b'{"error": "too many wait", "code": "P317"}')


@pytest.fixture
def naps():
    """How long the client slept, each time."""
    return []


@pytest.fixture
def to(naps):
    """A client of a server that does not really wait."""
    clients = []

    def make(heard, key="key:a", **more):
        patience = Patience(sleep=naps.append, chance=lambda: 0.5, **more)
        clients.append(Client(heard.url, key, patience=patience))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_it_needs_the_standard_library_alone(root):
    program = "import sys; sys.path.append(sys.argv[1]); import trimtab.client; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", program, str(root / "src")]  # no installed package can be imported
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert [name for name in ran.stdout.split() if name.startswith("trimtab")] == ["trimtab", "trimtab.client"]


def test_what_turned_out_to_be_so_is_said(to):
    with hearing() as heard:
        client = to(heard)
        client.truth("call-7", True)
        client.truth(
            "call-7",
            12.5,
            row=3,
            name="delay",
            time=datetime(2023, 11, 14, 23, 13, 20, tzinfo=timezone(timedelta(hours=1))),
        )
    assert [(record["value"], record["row"], record["name"]) for record in heard.records] == [
        (True, 0, "truth"),
        (12.5, 3, "delay"),
    ]
    assert heard.records[1]["time"] == 1_700_000_000
    assert {record["principal"] for record in heard.records} == {"key:a"}
    assert [path for path, _, _ in heard.requests] == ["/v1/truth"] * 2
    assert heard.connections == 1  # kept for the next call


def test_what_a_person_thinks_is_said_without_what_he_did_not_say(to):
    with hearing() as heard:
        to(heard).feedback("call-7", score=0, comment="<b>é</b>")
        to(heard).feedback("call-7", label="late", correction="on time", row=2, time="2023-11-14")
    assert heard.requests[0][2] == {"id": "call-7", "row": 0, "score": 0, "comment": "<b>é</b>"}
    assert heard.records[1]["correction"] == "on time"


def test_numbers_of_numpy_are_taken_and_others_are_not(to):
    with hearing() as heard:
        to(heard).truths(
            [{"id": "a", "value": value} for value in (np.int64(7), np.bool_(False), np.float32(0.5), np.str_("x"))]
        )
        assert [record["value"] for record in heard.records] == [7, False, 0.5, "x"]
        for value, error in ((float("nan"), ValueError), (object(), TypeError), (datetime(2023, 1, 1), ValueError)):  # noqa: DTZ001 - it has none
            with pytest.raises(error):
                to(heard).truth("a", value)
    assert len(heard.requests) == 1


def test_many_go_in_parts(to):
    with hearing() as heard:
        assert (
            to(heard).truths(
                {"id": f"call-{at}", "value": at, "time": datetime.now(UTC)} for at in range(2 * BATCH + 1)
            )
            == 2 * BATCH + 1
        )
        assert [len(body) for _, _, body in heard.requests] == [BATCH, BATCH, 1]
        assert to(heard).truths([]) == 0
        assert to(heard).truths({"id": f"call-{at}", "value": "x" * 4000} for at in range(600)) == 600
    assert max(len(json.dumps(body)) for _, _, body in heard.requests) < 1.2 * 2**20
    assert len({record["id"] for record in heard.records}) == 2 * BATCH + 1


@pytest.mark.parametrize("deed", ["break", "keep and break", BUSY, Answer(502, b"<html>"), Answer(429, b"{}")])
def test_a_call_without_an_answer_is_repeated(to, naps, deed):
    with hearing([deed, deed]) as heard:
        to(heard).truth("call-7", 1)
    assert len(heard.requests) == 3
    assert len({json.dumps(body) for _, _, body in heard.requests}) == 1  # so that it counts once
    assert naps == [0.2, 0.4]
    assert len(heard.records) == (3 if deed == "keep and break" else 1)


def test_a_server_says_how_long_to_wait(to, naps):
    late = (Answer(503, BUSY.body, headers=((b"retry-after", seconds),)) for seconds in (b"7", b"99999", b"soon"))
    with hearing(late) as heard:
        to(heard).truth("call-7", 1)
    assert naps == [7, 30, 0.8]


def test_patience_ends(to, naps):
    with hearing([BUSY] * 9) as heard:
        with pytest.raises(SayingError, match="too many wait") as caught:
            to(heard, tries=3).truth("call-7", 1)
        assert (caught.value.status, caught.value.code, len(heard.requests), len(naps)) == (503, "P317", 3, 2)


def test_a_connection_that_was_closed_meanwhile_is_opened_again_at_once(to, naps):
    with hearing(["answer and close"]) as heard:
        client = to(heard)
        client.truth("call-7", 1)
        client.truth("call-7", 0)
    assert (len(heard.records), heard.connections, naps) == (2, 2, [])


def test_a_refusal_is_not_repeated_and_says_what_is_wrong(to):
    other = f"{'0' * 12}{'b' * 12}-1"
    with hearing() as heard:
        client = to(heard)
        with pytest.raises(SayingError, match="no answer of yours has this id") as caught:
            client.truth(other, 1)
        assert (caught.value.status, caught.value.code) == (404, "P351")
        with pytest.raises(SayingError, match="`2` is no score") as caught:
            client.feedback("call-7", score=2)
        assert (caught.value.status, caught.value.code) == (400, "P354")
        assert caught.value.hint == "0 is bad, 1 is good"
    assert len(heard.requests) == 2
    assert heard.records == []


def test_faults_are_counted_from_the_first_of_all_entries(to):
    entries = [{"id": f"call-{at}", "value": 1} for at in range(BATCH)] + [
        {"id": "a", "value": 1},
        {"id": "", "value": 1},
    ]
    with hearing() as heard:
        with pytest.raises(SayingError) as caught:
            to(heard).truths(entries)
        assert [(fault["column"], fault["row"]) for fault in caught.value.faults] == [("id", BATCH + 1)]
    assert len(heard.records) == BATCH


@pytest.mark.parametrize("body", [b"", b"<html>moved</html>", b"[1]", b'{"faults": 7}', b'{"faults": [7]}'])
def test_an_answer_that_is_not_ours_is_told_by_its_status(to, body):
    with hearing([Answer(301, body, headers=((b"location", b"https://elsewhere.example/"),))]) as heard:
        with pytest.raises(SayingError, match="status 301, and no word of ours why"):
            to(heard).truth("call-7", 1)
        assert len(heard.requests) == 1  # nobody is followed with a key in hand


def test_a_server_that_says_nothing_is_given_up(naps):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        patience = Patience(timeout_s=0.05, tries=2, sleep=naps.append)
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=patience)
        with pytest.raises(SayingError, match=r"no answer from 127\.0\.0\.1: .*timed out") as caught:
            client.truth("call-7", 1)
    assert (caught.value.status, len(naps)) == (0, 1)


def test_nobody_who_listens_is_told(free_port):
    client = Client(f"http://127.0.0.1:{free_port}", patience=Patience(tries=1))
    with pytest.raises(SayingError, match="refused"):
        client.truth("call-7", 1)


def test_many_threads_speak_at_once(to):
    with hearing() as heard:
        client = to(heard)
        threads = [threading.Thread(target=client.truth, args=(f"call-{at}", at)) for at in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {record["id"] for record in heard.records} == {f"call-{at}" for at in range(8)}


def test_a_path_before_the_server_is_kept_and_the_client_closes_itself():
    with hearing([Answer(200, b"{}")]) as heard, Client(f"{heard.url}/models/", patience=Patience()) as client:
        client.truth("call-7", 1)
        assert heard.requests[0][0] == "/models/v1/truth"
        assert "authorization" not in heard.requests[0][1]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("models.example", None),
        ("ftp://models.example", None),
        ("https://", None),
        ("https://ann:c4n4ry@models.example", None),
        ("https://models.example?key=c4n4ry", None),
        ("https://models.example:port", None),
        ("http://models.example", "c4n4ry"),
        ("https://models.example", "c4n4ry\r\nx: y"),
        ("https://models.example", "c4n4ry c4n4ry"),
        ("https://models.example", ""),
    ],
)
def test_what_is_no_address_or_no_key_is_refused_and_not_shown(url, key):
    with pytest.raises(ValueError, match=r"\w") as caught:
        Client(url, key)
    assert "c4n4ry" not in str(caught.value)


def test_a_key_goes_in_the_open_only_when_told():
    assert Client("http://models.example", "key", insecure=True)
    assert Client("http://localhost:8080", "key")
    assert Client("https://models.example", "key")
