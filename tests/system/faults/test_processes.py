"""Serving processes that die, hang or are renewed, and servers that are told to stop."""

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path


def test_a_dead_serving_process_is_replaced_and_connections_that_wait_are_taken_by_the_new_one(serve):
    server = serve(processes=2, workers=1)
    old = server.serving()
    os.kill(old[0], signal.SIGKILL)
    for _ in range(40):
        assert server.ask({})[0] == 200
    server.child.wait_until(lambda: len(server.serving()) == 2, 10)
    assert old[0] not in server.serving()
    assert server.metric("trimtab_restarts_total") == 1


def test_a_hung_serving_process_is_replaced_in_time(serve, gone, open_connection):
    server = serve(env={"INLINE": "1"}, processes=1, heartbeat_timeout_s=1.0)
    [old] = server.serving()
    with contextlib.suppress(OSError), open_connection(server) as caller:
        body = json.dumps([{"x": 1.0, "do": "spin"}]).encode()
        caller.sendall(
            b"POST /v1/models/m/rows HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )
        began = time.monotonic()
        assert caller.recv(100) == b""
    assert server.ask({})[0] == 200
    assert time.monotonic() - began < 1.0 + 2.0 + 1.0  # its time, two seconds, and one to load
    assert gone(old)


def test_a_stopping_server_says_so_finishes_what_it_took_and_leaves_nothing(serve, gone):
    server = serve(workers=1, drain_delay_s=1.0)
    family = server.family()
    answers = []

    def ask():
        answers.append(server.ask({"x": 5.0, "do": "sleep 1.5"}))

    slow = threading.Thread(target=ask)
    slow.start()
    time.sleep(0.3)
    server.child.signal(signal.SIGTERM)
    time.sleep(0.3)
    assert server.get("/readyz")[0] == 503
    assert server.get("/livez")[0] == 200
    slow.join()
    assert answers == [(200, answers[0][1])]
    assert answers[0][1]["rows"] == [{"y": 10.0}]
    assert server.child.end() == 0
    assert [pid for pid in family if not gone(pid)] == []


def test_a_killed_supervisor_takes_everything_with_it(serve, gone):
    server = serve(processes=2, workers=2)
    family = server.family()
    assert len(family) >= 1 + 2 + 2 * 2
    server.child.signal(signal.SIGKILL)
    server.child.process.wait()
    assert [pid for pid in family if not gone(pid)] == []


def test_a_killed_worker_or_nursery_is_replaced(serve):
    server = serve(workers=1)
    everyone = server.family()
    for pid in everyone[:1:-1]:  # the worker first, then what is above it, not the serving process
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 15
        while True:
            with contextlib.suppress(OSError, ConnectionError):
                if server.ask({})[0] == 200:
                    break
            assert time.monotonic() < end
            time.sleep(0.1)


def test_ten_renewals_under_load_change_the_version_and_fail_no_request(serve, tmp_path, Traffic):
    version = tmp_path / "version"
    version.write_text("00")
    server = serve(env={"VERSION": str(version)}, processes=2, workers=1)
    with Traffic(server) as traffic:
        for number in range(1, 11):
            traffic.wait_for(10)
            version.write_text(f"{number:02x}")
            server.child.signal(signal.SIGHUP)
            wanted = sum(event["event"] == "renewed" for event in server.events()) + 1

            def renewed(wanted=wanted):
                return sum(event["event"] == "renewed" for event in server.events()) == wanted

            server.child.wait_until(renewed, 30)
            server.child.wait_until(lambda number=number: f"{number:02x}" * 6 in traffic.versions)
        traffic.wait_for(10)
    assert traffic.wrong == []
    assert traffic.versions == {f"{number:02x}" * 6 for number in range(11)}
    server.child.wait_until(lambda: len(server.serving()) == 2)  # the last old ones still linger for their callers


def test_a_renewal_that_cannot_load_changes_nothing(serve, tmp_path, Traffic):
    version = tmp_path / "version"
    version.write_text("00")
    server = serve(env={"VERSION": str(version)}, workers=1)
    with Traffic(server, callers=1) as traffic:
        traffic.wait_for(5)
        version.write_text("01 broken")
        server.child.signal(signal.SIGHUP)
        server.child.wait_until(lambda: any(event["event"] == "models cannot be loaded" for event in server.events()))
        traffic.wait_for(20)
        os.kill(server.serving()[0], signal.SIGKILL)
        server.child.wait_until(lambda: server.metric("trimtab_restarts_total") == 1)
    assert server.ask({})[1]["version"] == "00" * 6
    assert traffic.versions == {"00" * 6}


def test_a_crash_loop_backs_off_and_stays_alive_for_the_platform(serve, send):
    server = serve(workers=1)
    began = time.monotonic()
    for number in range(30):
        with contextlib.closing(server.connection()) as connection:
            send(connection, [{"x": float(number), "do": "crash"}], {"x-request-timeout-ms": "500"})
    assert server.get("/livez")[0] == 200
    deaths = sum(event["event"] == "worker died" for event in server.events())
    assert deaths < 60  # each of the requests was tried twice
    replaced = deaths - 1  # the first one to die was in nobody's place
    took = time.monotonic() - began
    assert replaced <= 20 * (took // 10 + 1) + took
    server.child.wait_until(lambda: server.ask({})[0] == 200, 20)


def test_counters_are_those_of_all_processes_and_survive_one(serve):
    server = serve(processes=2, workers=1)
    for _ in range(20):
        server.ask({})
    assert {server.metric("trimtab_rows_total") for _ in range(6)} == {20.0}
    os.kill(server.serving()[0], signal.SIGKILL)
    server.child.wait_until(lambda: server.metric("trimtab_restarts_total") == 1)
    assert server.metric("trimtab_rows_total") == 20


def test_only_the_model_has_a_second_thread_if_any(serve):
    server = serve(workers=1)
    server.ask({})
    nursery = server.family()[2]
    assert len(list(Path(f"/proc/{nursery}/task").iterdir())) == 1
