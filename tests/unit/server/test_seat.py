"""The socket where whoever keeps a server going speaks with it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.flights import FlightStatus
from trimtab.server.changes import Change
from trimtab.server.given import Given
from trimtab.server.seat import Desks, Seat


class Visited:
    """What is served."""

    def served(self) -> Mapping[str, str]:
        return {"m": "sha256:1"}

    def aloft(self) -> Mapping[str, FlightStatus]:
        return {}


class Room:
    """A seat at work, driven turn by turn as a supervisor does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.http = socket.create_server(("127.0.0.1", 0))
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listening.bind(str(path))
        listening.listen()
        given = Given(http=(self.http,), settings="sha256:s")
        self.seat = Desks(Seat(listening, Visited(), given, supervised=True))
        self.poll = select.poll()
        self.asked: list[Change] = []
        self.seat.keep(self.poll)
        self.seat.keep(self.poll)

    def turn(self) -> None:
        for fd, _ in self.poll.poll(200):
            assert self.seat.hear(fd, self.poll, self.asked.append, {"m": "why"})

    def caller(self) -> socket.socket:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        one.settimeout(5)
        try:
            one.connect(str(self.path))
        except OSError:
            one.close()
            raise
        self.turn()
        return one

    def say(self, caller: socket.socket, **word: Any) -> dict[str, Any]:
        caller.send(json.dumps(word).encode())
        self.turn()
        found: dict[str, Any] = json.loads(caller.recv(1 << 16) or b"{}")
        return found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "seat")
    yield room
    room.seat.close(room.poll)
    room.http.close()


def test_it_says_who_it_is_and_what_is_served(room: Room) -> None:
    with closing(room.caller()) as caller:
        told = room.say(caller, do="hello")
    assert told == {
        "pid": os.getpid(), "settings": "sha256:s", "models": {"m": "sha256:1"}, "unfit": {"m": "why"},
        "supervised": True,
    }  # fmt: skip


def test_its_sockets_go_to_whoever_asks(room: Room) -> None:
    with closing(room.caller()) as caller:
        caller.send(b'{"do": "sockets"}')
        room.turn()
        data, fds, _, _ = socket.recv_fds(caller, 1 << 16, 10)
    assert json.loads(data)["names"] == ["http"]
    with socket.socket(fileno=fds[0]) as one:
        assert one.getsockname() == room.http.getsockname()


def test_a_change_is_answered_when_it_is_made_or_not(room: Room) -> None:
    with closing(room.caller()) as caller:
        caller.send(b'{"do": "load", "name": "m"}')
        room.turn()
        (change,) = room.asked
        assert (change.do, change.name) == ("load", "m")
        change.told(OutsideError(Problem("P305", "no memory")))
        told = json.loads(caller.recv(1 << 16))
        assert (told["problems"][0]["what"], told["ours"]) == ("no memory", True)
        room.say(caller, do="hello")
    room.asked[0].told(UserError(Problem("P305", "nobody hears it")))  # it has hung up: no fault
    room.turn()
    room.asked[0].told(None)


def test_a_server_that_shall_leave_hands_over(room: Room) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: heard.append(number))
    try:
        with closing(room.caller()) as caller:
            assert room.say(caller, do="leave")["pid"] == os.getpid()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == [signal.SIGUSR1]


@pytest.mark.parametrize("word", [b"", b"{", b"[]", b'{"do": "explode"}', b"\xff" * 100])
def test_who_makes_no_sense_is_hung_up_on_and_others_are_not(room: Room, word: bytes) -> None:
    with closing(room.caller()) as other, closing(room.caller()) as caller:
        caller.send(word or b"x")
        room.turn()
        assert caller.recv(100) == b""
        assert room.say(other, do="hello")["pid"] == os.getpid()


def test_there_is_room_for_so_many_and_no_more(room: Room) -> None:
    callers = [room.caller() for _ in range(16)]
    with closing(room.caller()) as late:
        assert late.recv(100) == b""
    for caller in callers:
        caller.close()
    room.turn()
    with closing(room.caller()) as again:
        assert room.say(again, do="hello")["pid"] == os.getpid()


def test_closed_nobody_is_there(room: Room) -> None:
    with closing(room.caller()) as caller:
        room.seat.close(room.poll)
        assert caller.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        room.caller()
