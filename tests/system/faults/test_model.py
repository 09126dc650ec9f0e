"""A model that raises, crashes, hangs or leaks costs its own requests only."""

import contextlib
import json
import random
import threading
import time

import pytest


@pytest.mark.parametrize("word", ["raise", "short", "crash", "segfault", "exit"])
def test_a_bad_request_fails_alone_and_says_nothing_of_the_model(serve, word, Traffic):
    server = serve(workers=2)
    with Traffic(server) as traffic:
        traffic.wait_for(20)
        for _ in range(5):
            status, body = server.ask({"do": word})
            assert (status, body["code"]) in [(500, "P318"), (500, "P324")]
            assert "secret" not in json.dumps(body)
            traffic.wait_for(20)
    assert traffic.wrong == []


def test_rows_that_crash_their_worker_again_are_not_handed_to_it_any_more(serve):
    server = serve(workers=1)
    codes = [server.ask({"x": 7.0, "do": "crash"})[1]["code"] for _ in range(4)]
    assert codes == ["P318", "P324", "P324", "P324"]
    assert server.ask({"x": 8.0, "do": "crash"})[1]["code"] == "P318"
    assert server.ask({"x": 7.0})[0] == 200
    assert sum(event["event"] == "worker died" for event in server.events()) == 4  # twice for each


@pytest.mark.parametrize("word", ["hang", "spin"])
def test_a_hanging_call_is_stopped_in_time_while_others_are_answered(serve, word, Traffic):
    server = serve(workers=2, answer_timeout_s=1.0)
    with Traffic(server) as traffic:
        traffic.wait_for(20)
        began = time.monotonic()
        status, body = server.ask({"do": word})
        took = time.monotonic() - began
        traffic.wait_for(50)
    assert (status, body["code"]) == (504, "P319")
    assert took < 3  # its time and two seconds
    assert traffic.wrong == []


def test_the_callers_own_patience_counts_and_what_still_waits_is_never_computed(serve):
    server = serve(workers=1, batch_rows=1)
    with contextlib.closing(server.connection()) as busy:
        body = json.dumps([{"x": 1.0, "do": "sleep 1"}])
        busy.request("POST", "/v1/models/m/rows", body, {"content-type": "application/json"})
        began = time.monotonic()
        status, answer = server.ask({"do": "crash"}, headers={"x-request-timeout-ms": "200"})
        assert (status, answer["code"]) == (504, "P319")
        assert time.monotonic() - began < 0.9
        assert busy.getresponse().status == 200
    assert server.ask({"x": 2.0})[0] == 200
    assert [event for event in server.events() if event["event"] == "worker died"] == []


def test_a_request_whose_caller_left_is_never_computed(serve):
    server = serve(workers=1, batch_rows=1)
    with contextlib.closing(server.connection()) as busy:
        busy.request("POST", "/v1/models/m/rows", json.dumps([{"x": 1.0, "do": "sleep 1"}]))
        for _ in range(5):
            leaving = server.connection()
            leaving.request("POST", "/v1/models/m/rows", json.dumps([{"x": 1.0, "do": "crash"}]))
            leaving.close()
        assert busy.getresponse().status == 200
    assert server.ask({"x": 2.0})[0] == 200
    assert [event for event in server.events() if event["event"] == "worker died"] == []


def test_a_leaking_worker_is_replaced_before_it_is_too_large_and_no_request_fails(serve, Traffic):
    server = serve(workers=1, memory=300_000_000)
    with Traffic(server) as traffic:
        for _ in range(12):
            assert server.ask({"do": "leak"})[0] == 200  # 32 MB each
            time.sleep(0.3)
        traffic.wait_for(20)
    assert traffic.wrong == []
    assert [event["event"] for event in server.events()] == ["worker recycled"]


def test_ten_thousand_requests_at_once_each_get_their_own_answer(serve, send):
    server = serve(workers=2, queue_limit=100_000, wait_s=60.0)
    chance = random.Random(5)
    wrong = []

    def call(seed):
        own = random.Random(seed)
        connection = server.connection()
        for _ in range(625):
            rows = [{"x": own.uniform(-1e6, 1e6)} for _ in range(own.randint(1, 40))]
            faulty = own.random() < 0.1
            if faulty:
                rows[own.randrange(len(rows))]["do"] = own.choice(["raise", "short"] * 10 + ["crash"])
            status, body = send(connection, rows)
            answers = [{"y": 2 * row["x"]} for row in rows]
            if (status, body.get("rows")) != ((500, None) if faulty else (200, answers)):
                wrong.append((rows, status, body))
        connection.close()

    threads = [threading.Thread(target=call, args=(chance.random(),)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert server.metric("trimtab_rows_total") > 100_000
