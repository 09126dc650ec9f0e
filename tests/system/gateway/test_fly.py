"""`trimtab fly --champion URL --challenger URL`: whole flights of real backends, under load that never stops."""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import Child
from tests.doubles.origin import Origin
from tests.system.attacks.target import a_free_port

BROKEN = 0  # as a status: the connection ended before the answer
ENOUGH = ["--steps", "30%,60%", "--watch", "1s", "--minimum", "30", "--give-up", "90s"]


class Load:
    """Callers that ask again and again; what they were answered."""

    def __init__(self, port: int) -> None:
        self.statuses: list[int] = []
        self.stop = threading.Event()
        self.port = port

    def run(self) -> None:
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                while not self.stop.is_set():
                    connection.request("POST", "/echo", b'{"inputs": [1]}', {"content-type": "application/json"})
                    response = connection.getresponse()
                    response.read()
                    self.statuses.append(response.status)
            except ConnectionRefusedError:
                self.stop.wait(0.05)  # not listening, yet or any more
            except (OSError, http.client.HTTPException):
                self.statuses.append(BROKEN)
            finally:
                connection.close()


@contextmanager
def asked(port: int) -> Iterator[Load]:
    load = Load(port)
    threads = [threading.Thread(target=load.run) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    started: list[Child] = []

    def begin(champion: Origin, challenger: Origin, port: int, *words: str) -> Child:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        command = [sys.executable, "-m", "trimtab", "fly", "--champion", champion.url, "--challenger", challenger.url]
        command += ["--listen", f"127.0.0.1:{port}", "--ledger", str(tmp_path / "ledger"), *ENOUGH, *words]
        started.append(Child(command, folder, tmp_path, dict(os.environ)))
        started[-1].wait_until(lambda: "gateway " in started[-1].out)
        return started[-1]

    yield begin
    for child in started:
        child.stop()


def test_a_good_challenger_is_promoted_and_answers_also_after_a_restart(fly: Callable[..., Child]) -> None:
    port = a_free_port()
    with Origin() as champion, Origin() as challenger:
        child = fly(champion, challenger, port)
        with asked(port) as load:
            child.wait_until(lambda: "answering " in child.out, 80)
        assert set(load.statuses) == {200}
        assert f"answering  {challenger.url} " in child.out
        child.signal(15)
        assert child.end() == 0
        again = fly(champion, challenger, port)
        again.wait_until(lambda: "answering " in again.out)
        assert f"answering  {challenger.url} " in again.out
        again.signal(15)
        assert again.end() == 0


def test_a_challenger_that_dies_in_the_air_is_rolled_back_and_no_caller_suffers(fly: Callable[..., Child]) -> None:
    port = a_free_port()
    with Origin() as champion, Origin() as challenger:
        child = fly(champion, challenger, port, "--no-stay", "--watch", "40s")
        with asked(port) as load:
            child.wait_until(lambda: len(challenger.of("/echo")) > 20, 60)
            challenger.die()
            failed = child.end(60)
            load.stop.set()
        # what was under way at the moment of the kill cannot be sent again, and the gateway ends under its callers
        assert failed == 1
        assert set(load.statuses) <= {200, 502, BROKEN}
        assert load.statuses.count(502) <= 4
        assert load.statuses.count(BROKEN) <= 8
        assert "P420" in child.err


def test_what_cannot_be_is_said_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "faulty"
    folder.mkdir()
    for words, code in (
        (["--champion", "nowhere", "--challenger", "http://127.0.0.1:1"], "P370"),
        (["--champion", "http://127.0.0.1:1"], "P113"),
        (["--champion", "http://127.0.0.1:1", "--challenger", "http://127.0.0.1:2", "--by", "column:age"], "P371"),
    ):
        child = Child([sys.executable, "-m", "trimtab", "fly", "--json", *words], folder, tmp_path, dict(os.environ))
        assert child.end() == 2
        assert [one["code"] for one in json.loads(child.err)["errors"]] == [code]
