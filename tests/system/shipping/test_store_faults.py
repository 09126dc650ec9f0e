"""Object stores that refuse, hang, err or lose answers: nothing is lost or held up, and it is said in plain words."""

from __future__ import annotations

import os
import socket
import time
from contextlib import closing

import pyarrow as pa
import pytest
from tests.doubles.harbour import interactions, seal
from tests.doubles.meddling import cut_up, meddling, says, unheard
from tests.system.shipping.conftest import digests, sent

from trimtab.journal.ship.lane import Machine
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping

FOREVER = 10**6


@pytest.fixture
def between(bucket, moto):
    """A proxy before the store; the text of a destination behind it, and what is in the store."""
    text, content = bucket
    with meddling(int(moto.rpartition(":")[2])) as meddler:
        yield meddler, text.replace(moto, f"http://{meddler.address}"), content


def whole(journal):
    return {f"edge 7/{name}": digest for name, digest in digests(journal).items()}


def test_nobody_there(journal, bucket, moto, free_port, tmp_path):
    text, _ = bucket
    seal(journal, 0)
    (tmp_path / "archive").mkdir()
    away, well = sent(journal, text.replace(moto, f"http://127.0.0.1:{free_port}"), f"file://{tmp_path}/archive")
    assert (away.problem.what, away.standing.failures) == ("the store cannot be connected to", 1)
    assert (well.sent, well.problem) == (1, None)


def test_a_black_hole_is_left_after_its_time_and_holds_up_no_other(journal, bucket, moto, tmp_path):
    text, _ = bucket
    seal(journal, 0)
    (tmp_path / "archive").mkdir()
    with closing(socket.create_server(("127.0.0.1", 0))) as hole:
        address = f"http://127.0.0.1:{hole.getsockname()[1]}"
        begun = time.monotonic()
        away, well = sent(journal, text.replace(moto, address) + "&timeout=1s", f"file://{tmp_path}/archive")
        assert time.monotonic() - begun < 8
    assert away.problem.what == "the store does not answer in time"
    assert (away.sent, well.sent) == (0, 1)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_a_busy_store_refuses_at_first_it_gets_in_the_same_pass(journal, between, status):
    meddler, text, content = between
    seal(journal, 0)
    meddler.spoil("PUT", "edge", says(status), times=2)
    (outcome,) = sent(journal, text)
    assert (outcome.problem, outcome.sent, len(meddler.asked("PUT"))) == (None, 1, 3)
    assert content() == whole(journal)


@pytest.mark.parametrize(("status", "said"), [(500, "500 Internal Server Error"), (429, "429 Too Many Requests")])
def test_what_it_refuses_for_long_it_gets_later(journal, between, status, said):
    meddler, text, content = between
    for number in range(4):
        seal(journal, number)
    meddler.spoil("PUT", "-2.parquet", says(status), times=3)
    meddler.spoil("PUT", "-1.parquet", says(status, body=b"<Error><Code>SlowDown</Code></Error>"), times=3)
    (outcome,) = sent(journal, text)
    assert (outcome.problem.what, outcome.sent) == (f"the store answers {said} (SlowDown)", 1)
    later = [time.time() + 1000]
    with open_shipping(journal, parse_destinations([text]), machine=Machine(lambda: later[0])) as shipping:
        while shipping.run(30)[0].standing.waiting:
            later[0] += 1000
            assert later[0] < time.time() + 9000
    assert content() == whole(journal)


def test_a_store_that_takes_it_and_whose_answer_is_lost_has_it_once(journal, between):
    meddler, text, content = between
    seal(journal, 0)
    meddler.spoil("PUT", "edge", unheard, times=FOREVER)
    (outcome,) = sent(journal, text)
    assert outcome.sent == 0
    assert content() == whole(journal)
    meddler.rules.clear()
    later = Machine(lambda: time.time() + 1000)
    with open_shipping(journal, parse_destinations([text]), machine=later) as shipping:
        assert shipping.run(30)[0].sent == 1
    assert content() == whole(journal)


def test_a_large_file_is_there_whole_or_not_at_all(journal, between):
    meddler, text, content = between
    seal(journal, 0, interactions(0, 1, in_image=pa.array([os.urandom(12 << 20)])))
    meddler.spoil("PUT", "partNumber=2", cut_up(100_000), times=FOREVER)
    (outcome,) = sent(journal, text)
    assert (outcome.sent, content()) == (0, {})
    meddler.rules.clear()
    later = Machine(lambda: time.time() + 1000)
    with open_shipping(journal, parse_destinations([text]), machine=later) as shipping:
        assert shipping.run(30)[0].sent == 1
    assert content() == whole(journal)


def test_an_answer_that_shows_who_we_are_is_not_passed_on(journal, between):
    meddler, text, _ = between
    seal(journal, 0)
    meddler.spoil("PUT", "edge", says(403, body=b"<Error><Code>c4n4ry 1</Code><Message>c4n4ry</Message></Error>"))
    (outcome,) = sent(journal, text)
    assert outcome.problem.what == "the store answers 403 Forbidden"
    assert "c4n4ry" not in (journal / "spool").joinpath(next((journal / "spool").glob("s3-*.log")).name).read_text()
