"""How a stream ends: the model fails, hangs, is killed, the caller leaves, the server drains."""

import json
import os
import signal
import time

import pytest


def test_a_caller_that_leaves_closes_the_generator(server, model, Caller, metric, eventually):
    told = model()
    with Caller(server.http) as caller:
        told.say("part")
        caller.ask(told.folder)
        caller.status()
        caller.event()
    told.wait_for("closed", "part")  # it goes on until the server has seen that nobody is there
    eventually(lambda: metric(server, "trimtab_in_flight") == 1)


@pytest.mark.parametrize(("word", "code"), [("raise", "P318"), ("wrong", "P318"), ("crash", "P318")])
def test_what_fails_after_the_first_part_is_the_last_event(server, caller, model, word, code, metric):
    told = model()
    before = metric(server, 'trimtab_requests_total{dialect="rows",model="told",status="5xx"}')
    caller.ask(told.folder)
    told.say("part", word)
    assert caller.status() == 200
    caller.event()
    name, error = caller.event()
    assert (name, error["code"], "secret" in json.dumps(error)) == ("error", code, False)
    assert error["id"]
    assert caller.until(b"\r\n\r\n") == b"0\r\n\r\n"
    assert metric(server, 'trimtab_requests_total{dialect="rows",model="told",status="5xx"}') == before + 1


def test_what_fails_ahead_of_the_first_part_is_an_ordinary_answer(caller, model):
    told = model()
    told.say("raise")
    assert caller.ask(told.folder).body()["code"] == "P318"
    caller.ask(model="nothing")
    assert caller.status() == 404


def test_a_worker_killed_between_parts_ends_its_stream_alone(server, model, Caller):
    first, second = model(), model()
    with Caller(server.http) as one, Caller(server.http) as two:
        for caller, told in ((one, first), (two, second)):
            told.say("part")
            caller.ask(told.folder)
            caller.status()
            caller.event()
        os.kill(int(first.log()[0].split()[1]), signal.SIGKILL)
        assert one.event()[0] == "error"
        second.say("end")
        assert two.event()[0] == "end"


def test_a_model_that_hangs_between_parts_meets_the_deadline_of_the_next(serve, model, Caller):
    server = serve("yielding.py", processes=1, workers=1, grpc_port=None, answer_timeout_s=1.5)
    told = model()
    with Caller(server.http) as caller:
        began = time.monotonic()
        caller.ask(told.folder)
        for _ in range(4):  # all parts together take longer than one may
            time.sleep(0.5)
            told.say("part")
            caller.until(b"event: part")
        assert time.monotonic() - began > 1.5
        told.say("hang")
        assert b'"code":"P319"' in caller.until(b"0\r\n\r\n")
        assert caller.ask("", accept="*/*").body()["rows"] == [{"text": "word more", "count": 1}]


@pytest.mark.parametrize(("patience", "ending"), [(20.0, "end"), (1.5, "error")])
def test_a_server_that_drains_lets_a_stream_end_within_its_grace(serve, model, patience, ending, Caller):
    server = serve("yielding.py", processes=1, workers=1, grpc_port=None, drain_timeout_s=patience)
    told = model()
    with Caller(server.http) as caller:
        caller.ask(told.folder)
        told.say("part")
        caller.status()
        caller.event()
        server.process.send_signal(signal.SIGTERM)
        if ending == "end":
            told.say("part", "end")
            caller.event()
        name, said = caller.event()
        assert (name, said.get("code")) == (ending, None if ending == "end" else "P316")
        assert caller.rest() == b"0\r\n\r\n"
    assert server.process.wait(30) == 0
