"""What makes a lane silent, and what becomes of an answer that waits for its record."""

import gzip
import json
from types import SimpleNamespace

import pytest
from tests.doubles.kept import Kept
from tests.doubles.laned import DIGEST, Server, columns, endpoint_of, forest, linear, matrix, request, tensors

from trimtab.bundle.kernels import library
from trimtab.server.batching.call import Call
from trimtab.server.faults import OverloadedError
from trimtab.server.journal.unkept import REFUSED
from trimtab.server.settings import Settings

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
BODY = tensors(("x", "FP64", [1, 3], "[[1,2,3]]"))
OTHER = tensors(("x", "FP64", [1, 3], "[[4,5,6]]"))


class Story(Server):
    """One caller, whose first request was read in full."""

    def __init__(self, **settings):
        super().__init__(endpoint_of(matrix(), linear(), most=settings.get("rows_limit", 1000)), Settings(**settings))
        self.caller = self.connect()

    def __call__(self, body=BODY, more=""):
        """Whether the lane took it, and the status of its answer."""
        before = self.asked
        (answer,) = self.caller.asks(body, more)
        return self.asked == before, int(answer.split()[1])


def test_the_first_request_teaches_those_behind_it():
    story = Story()
    assert [story() for _ in range(3)] == [(False, 200), (True, 200), (True, 200)]
    assert story(OTHER) == (True, 200)


def test_a_body_in_a_packet_of_its_own_takes_the_lane_too():
    story = Story()
    story()
    head, body = request(BODY)[: -len(BODY)], BODY
    assert story.caller.says(head) == []
    assert story.caller.says(body[:9], body[9:]) == story.caller.asks(BODY)
    assert story.asked == 1


def test_an_answer_has_the_bytes_that_it_has_otherwise():
    story = Story()
    first, second = (story.caller.asks(BODY) for _ in range(2))
    assert first == second
    assert json.loads(first[0].partition(b"\r\n\r\n")[2])["model_version"] == DIGEST.removeprefix("sha256:")[:12]


def test_every_answer_is_called_otherwise():
    story, ids = Story(), set()
    for _ in range(4):
        story.caller.listener.data_received(request(BODY))
        raw, story.caller.transport.out = story.caller.transport.out, b""
        head, _, body = raw.partition(b"\r\n\r\n")
        ids.add(json.loads(body)["id"])
        assert f"x-request-id: {json.loads(body)['id']}\r\n".encode() in head
    assert len(ids) == 4


def test_a_server_that_stops_says_so():
    story = Story()
    story()
    story.plane.stopping = True
    assert story() == (False, 200)
    assert story.caller.transport.closed == 1


def test_a_model_that_is_not_fit_any_more_does_not_answer():
    story = Story()
    story()
    story.endpoint.found("its process has gone", {})
    assert story() == (False, 503)


def test_a_flight_picks_its_arm_itself():
    story = Story()
    story()
    story.endpoint.arms = SimpleNamespace(challenger=None)  # less than a flight needs: it is looked for, and missed
    assert story()[0] is False


def test_whoever_comes_behind_a_queue_is_not_ahead_of_it():
    story = Story()
    assert [story()[0] for _ in range(2)] == [False, True]
    story.endpoint.batcher._engine.free = 0
    story.endpoint.submit(Call(story.endpoint.golden.inputs, 9.0, lambda _: None))
    story.caller.says(request(BODY))
    assert story.asked == 2


@pytest.mark.parametrize("rows", [1, 2])
def test_more_rows_than_are_taken_are_refused_every_time(rows):
    story = Story(rows_limit=1)
    body = tensors(("x", "FP64", [rows, 3], json.dumps([[1, 2, 3]] * rows)))
    assert {story(body)[1] for _ in range(3)} == {200 if rows == 1 else 413}


@pytest.mark.parametrize("above", range(120, 190, 3))
def test_what_is_compressed_is_compressed_every_time(above):
    story = Story(compress_above=above)
    more, found = "accept-encoding: gzip\r\n", []
    for _ in range(3):
        story.caller.listener.data_received(request(BODY, more))
        raw, story.caller.transport.out = story.caller.transport.out, b""
        head, _, body = raw.partition(b"\r\n\r\n")
        coded = b"content-encoding: gzip" in head
        assert coded is (len(gzip.decompress(body) if coded else body) > above)
        found.append(coded)
    assert len(set(found)) == 1


def test_answers_that_have_no_number_have_words_of_their_own():
    story = Server(endpoint_of(matrix(width=2), linear(2)))
    caller = story.connect()
    fast = [caller.asks(tensors(("x", "FP64", [1, 3], "[1e9,1,1]"))) for _ in range(3)]
    assert fast[0] == fast[1] == fast[2]


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize(
    ("signature", "body"),
    [
        (matrix(), BODY),
        (columns(), tensors(*((name, "FP64", [2], "[1,-2.5]") for name in "cab"))),
        (columns("FP32"), tensors(*((name, "FP32", [2], "[1,-2.5]") for name in "abc"))),
    ],
)
def test_the_record_is_the_one_that_is_kept_otherwise(short, signature, body):
    model = forest("float32") if "FP32" in str(signature) else linear()
    server = Server(endpoint_of(signature, model))
    kept = Kept(server, signature, errors=1.0 if short else 0.0)
    caller, records = server.connect(), []
    for _ in range(3):
        caller.asks(body, "x-request-id: mine\r\n")
        records += kept.news()
    assert server.asked == 1
    assert records[0] == records[1] == records[2]
    assert records[0][0].request_id == "mine"


@pytest.mark.parametrize("dropped", ["a", "y", "ab"])
def test_what_is_not_to_be_kept_is_in_no_record(dropped):
    server = Server(endpoint_of(columns(), linear()))
    kept = Kept(server, columns(), dropped)
    caller = server.connect()
    caller.asks(body := tensors(*((name, "FP64", [1], "[7.25]" if name == "a" else "[1.5]") for name in "abc")))
    first = kept.news()
    caller.asks(body)
    assert server.asked == 1
    assert bytes.fromhex("0000000000001d40") not in kept.scribe.records[0] or dropped == "y"
    assert kept.news() == first


@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("outcome", ["lost", "refused"])
def test_what_could_not_be_kept_is_said_as_it_is_otherwise(share, outcome):
    found = []
    for lanes in (True, False):
        server = Server(endpoint_of(matrix(), linear()))
        kept = Kept(server, matrix(), errors=share)
        caller = server.connect(lanes=lanes)
        caller.asks(BODY)
        kept.scribe.outcome = outcome
        found.append((caller.asks(BODY), server.counted()))
        assert server.asked == (1 if lanes else 2)
    assert found[0] == found[1]
    assert (b"x-trimtab-journal: lost" in found[0][0][0]) is (outcome == "lost")


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_an_answer_waits_for_its_record_and_those_behind_it_wait_too(share):
    server = Server(endpoint_of(matrix(), linear()))
    kept = Kept(server, matrix(), errors=share)
    caller = server.connect()
    (first,) = caller.asks(BODY)
    kept.scribe.outcome = None
    assert caller.asks(BODY) == []
    assert "trimtab_in_flight 1.0" in server.counted()
    kept.scribe.outcome = "kept"
    assert caller.asks(OTHER) == []
    assert server.asked == 2
    kept.scribe.waiting.pop()("kept")
    second, third = caller.heard()
    assert second == first != third
    assert "trimtab_in_flight 1.0" not in server.counted()


def test_who_leaves_before_the_record_is_written_is_counted_all_the_same():
    server = Server(endpoint_of(matrix(), linear()))
    kept = Kept(server, matrix())
    caller = server.connect()
    caller.asks(BODY)
    kept.scribe.outcome = None
    caller.asks(BODY)
    caller.listener.connection_lost(None)
    kept.scribe.waiting.pop()("kept")
    assert caller.heard() == []
    assert 'trimtab_requests_total{dialect="oip",model="m",status="2xx"} 2.0' in server.counted()


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_where_nothing_can_be_kept_nothing_is_answered(share):
    server = Server(endpoint_of(matrix(), linear()))
    kept = Kept(server, matrix(), errors=share)
    caller = server.connect()
    caller.asks(BODY)

    def require():
        raise OverloadedError(REFUSED)

    kept.scribe.strict, kept.scribe.require = True, require
    (answer,) = caller.asks(BODY)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"P350" in answer
    assert server.counted()[-1].startswith("trimtab_rows_total")
