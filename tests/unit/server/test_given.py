"""Sockets that were bound by whoever started the server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.server.given import NOTHING, Given, given, spread


@pytest.fixture
def first() -> Iterator[int]:
    """Descriptors from this number on are nobody's."""
    begin = 500
    while any(Path(f"/proc/self/fd/{begin + number}").exists() for number in range(10)):
        begin += 10
    yield begin
    for fd in range(begin, begin + 10):
        try:
            os.close(fd)
        except OSError:
            continue


def listening_at(fd: int) -> tuple[str, int]:
    """Have a listening socket at that descriptor; its address."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        os.dup2(one.fileno(), fd)
        host, port = one.getsockname()
    return host, port


def test_sockets_have_their_names(first: int) -> None:
    places = [listening_at(first + number) for number in range(5)]
    environ = {
        "LISTEN_FDS": "5", "LISTEN_FDNAMES": "http:grpc:churn.socket:seat:admin", "LISTEN_PID": str(os.getpid()),
        "OTHER": "stays",
    }  # fmt: skip
    found = given(environ, "label", first)
    assert environ == {"OTHER": "stays"}
    http, grpc, admin, seat = (
        [one.getsockname() for one in some] for some in (found.http, found.grpc, found.admin, found.seat)
    )
    assert (http, grpc, seat, admin) == ([places[0], places[2]], [places[1]], [places[3]], [places[4]])
    assert found.settings == "label"
    for one in (*found.http, *found.grpc, *found.admin, *found.seat):
        assert not one.getblocking()
        assert not one.get_inheritable()
        one.close()


@pytest.mark.parametrize("environ", [{}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}])
def test_what_is_for_somebody_else_is_left_alone(environ: dict[str, str]) -> None:
    assert given(environ) == NOTHING
    assert environ == {}


def test_names_may_be_missing(first: int) -> None:
    place = listening_at(first)
    found = given({"LISTEN_FDS": "1"}, "", first)
    assert [one.getsockname() for one in found.http] == [place]
    found.http[0].close()


@pytest.mark.parametrize("count", ["x", "-1", "1.0"])
def test_a_number_that_is_none(count: str) -> None:
    with pytest.raises(UserError, match="P304"):
        given({"LISTEN_FDS": count})


def test_what_is_no_listening_socket(first: int) -> None:
    with pytest.raises(UserError, match=r"P304.* cannot be listened on"):
        given({"LISTEN_FDS": "1"}, "", first)
    with socket.socket() as plain:
        os.dup2(plain.fileno(), first)
    with pytest.raises(UserError, match="is no listening socket"):
        given({"LISTEN_FDS": "1"}, "", first)


@pytest.mark.parametrize("sockets", range(6))
@pytest.mark.parametrize("count", range(1, 6))
def test_no_socket_is_left_to_nobody_and_no_process_without_one(sockets: int, count: int) -> None:
    some = tuple(range(sockets))
    found = spread(some, count)  # type: ignore[arg-type]
    assert len(found) == count
    assert {one for each in found for one in each} == set(some)
    assert all(found) or not some


def test_nothing_is_given_by_itself() -> None:
    assert Given() == NOTHING
