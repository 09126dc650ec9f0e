"""How an answer leaves: with its id, counted, and as what became of its record allows."""

import pytest

from trimtab.server.express.leaving import Exit, Found, Ready, rest_of
from trimtab.server.metrics import Metrics

FOUND = Found(3, b'{"id":', b',"outputs":[]}')


@pytest.fixture
def metrics():
    return Metrics(["m"])


@pytest.fixture
def left(metrics):
    return Exit(metrics, metrics.place("m", "oip"), "m", iter([5.0, 7.0]).__next__)


def told(metrics):
    lines = metrics.text({})[1].decode().splitlines()
    return [line for line in lines if line.startswith("trimtab_requests_total")]


def test_the_length_is_that_of_the_body_with_its_id():
    head, _, body = rest_of(FOUND, "id-1").partition(b"\r\n\r\n")
    assert body == b'{"id":"id-1","outputs":[]}'
    assert head.split(b"\r\n") == [b"x-request-id: id-1", b"content-length: %d" % len(body)]


@pytest.mark.parametrize(("outcome", "status"), [("kept", 200), ("lost", 200), ("refused", 503)])
def test_it_is_put_in_its_place_when_its_record_is_decided_and_counted_then(metrics, left, outcome, status):
    put = []
    leave = left.leaving(FOUND, "id-1", 4.0, put.append)
    assert (put, told(metrics)) == ([], [])
    leave(outcome)
    (answer,) = put
    if outcome == "kept":
        assert answer == Ready(rest_of(FOUND, "id-1"))
    else:
        assert answer.status == status
        assert ((b"x-trimtab-journal", b"lost") in answer.headers) == (outcome == "lost")
    assert told(metrics) == [f'trimtab_requests_total{{dialect="oip",model="m",status="{status // 100}xx"}} 1.0']
