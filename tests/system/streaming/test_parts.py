"""Parts as they come: in time, in order, at the pace of their reader, over HTTP/1.1 and 1.0."""

import json
import subprocess

PATH = "/v1/models/told/rows"


def texts(event):
    assert event[0] == "part"
    return [(row["text"], row["count"]) for row in event[1]["rows"]]


def test_the_first_part_is_there_before_the_model_makes_the_second(server, caller, model, metric):
    told = model()
    before = metric(server, 'trimtab_requests_total{dialect="rows",model="told",status="2xx"}')
    caller.ask(told.folder, told.folder)
    told.say("part")
    assert caller.status() == 200
    assert texts(caller.event()) == [("word ", 1)] * 2
    assert told.log()[1:] == ["part 1"]
    told.say("part", "end")
    assert texts(caller.event()) == [("word ", 2)] * 2
    name, end = caller.event()
    assert (name, end["model"], sorted(end)) == ("end", "told", ["id", "model", "version"])
    assert caller.until(b"\r\n\r\n") == b"0\r\n\r\n"
    assert metric(server, 'trimtab_requests_total{dialect="rows",model="told",status="2xx"}') == before + 1
    caller.ask("", accept="application/json")  # the connection goes on
    assert caller.body()["rows"] == [{"text": "word more", "count": 1}]


def test_curl_shows_each_part_as_it_comes(server, model, program):
    told = model()
    said = json.dumps([{"folder": str(told.folder)}])
    options = ["-sN", "--max-time", "20", "-H", "accept: text/event-stream", "--json", said]
    command = [program("curl"), *options, f"http://{server.http}{PATH}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        assert curl.stdout is not None
        for count in (1, 2):
            told.say("part")
            lines = [curl.stdout.readline() for _ in range(3)]
            assert lines[0] == b"event: part\n"
            assert json.loads(lines[1][6:]) == {"rows": [{"text": "word ", "count": count}]}
        told.say("end")
        assert curl.stdout.read().startswith(b"event: end\n")
        assert curl.wait(20) == 0


def test_more_streams_than_workers_are_all_told(server, model, Caller):
    models = [model() for _ in range(8)]
    callers = [Caller(server.http) for _ in models]
    for told, caller in zip(models, callers, strict=True):
        told.say("part", "part", "end")
        caller.ask(told.folder)
    for told, caller in zip(models, callers, strict=True):
        assert caller.status() == 200
        assert [caller.event()[0] for _ in range(3)] == ["part", "part", "end"]
        assert told.log()[-1] == "closed"
        caller.socket.close()


def test_answers_stay_in_order_behind_a_stream(caller, model):
    first, second = model(), model()
    caller.ask(first.folder).ask(model="at_once", accept="*/*").ask(second.folder).ask(model="at_once", accept="*/*")
    second.say("part", "end")
    second.wait_for("part 1")
    first.say("part")
    caller.status()
    caller.event()
    assert "closed" not in second.log()  # its one part waits for its turn, and so does its model
    first.say("end")
    assert caller.event()[0] == "end"
    caller.until(b"\r\n\r\n")
    assert caller.body()["rows"] == [{"y": 4.0}]
    assert caller.status() == 200
    assert [caller.event()[0] for _ in range(2)] == ["part", "end"]
    caller.until(b"0\r\n\r\n")
    assert caller.body()["rows"] == [{"y": 4.0}]


def test_a_reader_that_does_not_read_holds_back_its_own_model_only(server, model, Caller):
    told, parts, size = model(), 400, 100_000
    with Caller(server.http, buffer=4096) as deaf, Caller(server.http) as other:
        deaf.ask(told.folder)
        told.say(f"many {parts} {size}", "end")
        told.wait_for("part 1")
        made = 0
        while made != len(told.log()):  # until it waits for its reader; its neighbour is answered all the while
            made = len(told.log())
            for _ in range(50):
                assert other.ask("", accept="*/*").body()["rows"] == [{"text": "word more", "count": 1}]
        assert (made < parts, "closed" in told.log()) == (True, False)
        assert deaf.status() == 200
        assert [deaf.event()[1]["rows"][0]["count"] for _ in range(parts)] == [*range(1, parts + 1)]
        assert deaf.event()[0] == "end"


def test_http_1_0_has_no_chunks_and_ends_with_the_connection(caller, model):
    told = model()
    told.say("part", "end")
    caller.ask(told.folder, http="1.0", more="connection: keep-alive\r\n")
    head, _, body = caller.rest().partition(b"\r\n\r\n")
    assert (b"transfer-encoding" in head, b"content-length" in head, b"connection: close" in head) == (
        False,
        False,
        True,
    )
    assert [line for line in body.splitlines() if line.startswith(b"event")] == [b"event: part", b"event: end"]


def test_head_has_no_stream_and_nothing_is_compressed(caller, model):
    caller.socket.sendall(f"HEAD {PATH} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n".encode())
    assert caller.status() == 405
    told = model()
    told.say("many 1 5000", "end")
    caller.ask(told.folder, more="accept-encoding: gzip\r\n")
    assert b"content-encoding" not in caller.until(b"\r\n\r\n")
    assert caller.event()[1]["rows"][0]["text"] == "x" * 5000


def test_a_model_that_does_not_yield_gives_one_part(caller):
    caller.ask(model="at_once", http="1.0")
    body = caller.rest().partition(b"\r\n\r\n")[2].decode()
    assert body.startswith('event: part\ndata: {"rows":[{"y":4.0}]}\n\nevent: end\ndata: {"model":"at_once"')


def test_threads_of_the_serving_process_tell_part_by_part_too(serve, model, Caller):
    server = serve("yielding.py", processes=1, workers=0, grpc_port=None)
    told = model()
    with Caller(server.http) as caller:
        caller.ask(told.folder)
        told.say("part")
        assert caller.status() == 200
        assert texts(caller.event()) == [("word ", 1)]
    told.wait_for("closed", "part")  # it goes on until the server has seen that nobody is there
