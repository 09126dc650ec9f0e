"""Backends that are down, slow, or die: what callers see, how often a backend is asked, and whose users suffer."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.system.gateway.conftest import Through
from tests.system.journal.conftest import interactions_in


def failed(said: tuple[int, object, bytes]) -> tuple[int, str]:
    """Status and code of an answer of ours."""
    return said[0], json.loads(said[2])["code"]


def test_a_champion_that_takes_no_connection_is_a_502(through: Callable[..., Through]) -> None:
    gateway = through()
    gateway.champion.die()
    assert failed(gateway.ask("POST", "/echo", b"{}")) == (502, "P372")
    assert gateway.status.counts.champion.errors == 1


def test_a_post_that_was_sent_is_never_sent_again(through: Callable[..., Through]) -> None:
    gateway = through()
    for number in range(10):
        assert gateway.ask("POST", f"/echo/{number}", b"{}")[0] == 200  # so that connections are kept
        assert failed(gateway.ask("POST", f"/close/{number}", b"{}")) == (502, "P373")
    assert [len(gateway.champion.of(f"/close/{number}")) for number in range(10)] == [1] * 10


def test_a_get_is_sent_again_once_where_a_kept_connection_had_been_closed(through: Callable[..., Through]) -> None:
    gateway = through()
    gateway.ask("GET", "/echo")
    assert failed(gateway.ask("GET", "/close")) == (502, "P373")
    assert len(gateway.champion.of("/close")) == 2  # over the kept one, and over one of its own


def test_an_answer_that_breaks_off_never_looks_whole(through: Callable[..., Through]) -> None:
    gateway = through()
    with gateway.open() as caller:
        caller.sendall(b"POST /die HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}")
        said = b""
        try:
            while piece := caller.recv(4096):
                said += piece
        except ConnectionResetError:
            pass
    head, _, body = said.partition(b"\r\n\r\n")
    assert not said or (b"content-length: 100" in head and len(body) < 100)
    assert len(gateway.champion.of("/die")) == 1
    gateway.until(lambda status: status.counts.champion.errors == 1)


def test_an_answer_with_two_ends_is_not_passed_on(through: Callable[..., Through]) -> None:
    gateway = through()
    assert failed(gateway.ask("GET", "/both")) == (502, "P373")
    assert gateway.ask("GET", "/echo")[0] == 200


def test_a_backend_that_does_not_answer_in_time_is_a_504(through: Callable[..., Through]) -> None:
    gateway = through(answer_s=0.5)
    assert failed(gateway.ask("POST", "/slow", b"{}")) == (504, "P374")
    assert len(gateway.champion.of("/slow")) == 1


def test_more_than_a_backend_is_to_be_asked_at_once_is_a_503(through: Callable[..., Through]) -> None:
    gateway = through(connections=3)
    with closing(gateway.open()) as one, closing(gateway.open()) as two, closing(gateway.open()) as three:
        for caller in (one, two, three):
            caller.sendall(b"POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        end = time.monotonic() + 10
        said = failed(gateway.ask("POST", "/slow", b"{}"))
        while said != (503, "P378"):
            assert time.monotonic() < end
            said = failed(gateway.ask("POST", "/slow", b"{}"))
    gateway.champion.go_on.set()


def test_users_of_a_dead_challenger_are_answered_by_the_champion_and_it_is_ejected(
    through: Callable[..., Through],
) -> None:
    gateway = through(health_s=30.0)  # found out by the request, not by the clock
    gateway.fly(1.0)
    assert gateway.arms() == "challenger"
    gateway.challenger.die()
    for upstream in range(3):
        status, headers, _ = gateway.ask("POST", f"/echo/{upstream}", b"{}")
        if headers["x-trimtab-revision"] == gateway.champion.url:
            assert status == 200
    found = gateway.until(lambda status: status.state == "failed")
    assert found.why
    assert found.counts.challenger.errors >= 1
    assert found.counts.champion.requests == 0  # who was the challenger's is not the champion's evidence
    assert gateway.arms() == "champion"


def test_a_challenger_that_hangs_counts_as_failed_before_its_callers_lose_patience(
    through: Callable[..., Through],
) -> None:
    gateway = through(answer_s=60.0)
    assert gateway.arms() == "champion"
    gateway.fly(1.0)
    with gateway.open() as caller:
        caller.sendall(b"POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}")
        counts = gateway.until(lambda status: status.counts.challenger.errors == 1, 10).counts
        assert counts.challenger.requests == 1
        gateway.challenger.go_on.set()
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 ")  # and it still gets its answer
    assert gateway.status.counts.challenger.requests == 1


def test_a_caller_that_leaves_takes_its_request_along(through: Callable[..., Through]) -> None:
    gateway = through()
    caller = gateway.open()
    caller.sendall(b"POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}")
    end = time.monotonic() + 10
    while not gateway.champion.of("/slow"):
        assert time.monotonic() < end
        time.sleep(0.01)
    caller.close()
    counts = gateway.until(lambda status: status.counts.champion.requests == 1).counts
    assert counts.champion.errors == 0


def test_a_caller_that_reads_slowly_holds_back_its_backend_and_nobody_else(through: Callable[..., Through]) -> None:
    gateway = through()
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.connect(gateway.place)
        caller.sendall(b"GET /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert all(gateway.ask("POST", "/echo", b"{}")[0] == 200 for _ in range(20))
        size = 0
        while piece := caller.recv(65536):
            size += len(piece)
    assert size > 8 * 2**20


def test_pinned_callers_choose_their_arm_and_are_no_evidence(through: Callable[..., Through]) -> None:
    gateway = through(pin="secret")
    assert gateway.arms(**{"x-trimtab-arm": "challenger"}) == "champion"
    assert gateway.arms(**{"x-trimtab-arm": "challenger", "x-trimtab-pin": "wrong"}) == "champion"
    assert gateway.arms(**{"x-trimtab-arm": "challenger", "x-trimtab-pin": "secret"}) == "challenger"
    (asked,) = gateway.challenger.of("/echo")
    assert [asked.header(name) for name in ("x-trimtab-arm", "x-trimtab-pin")] == [[], []]
    counts = gateway.status.counts
    assert (counts.champion.requests, counts.challenger.requests) == (2, 0)


@pytest.mark.parametrize(("value", "disagreed"), [(0.5, 0), (0.6, 10)])
def test_a_shadow_is_asked_after_the_answer_and_compared(
    through: Callable[..., Through], value: float, disagreed: int
) -> None:
    gateway = through(tolerance=0.01)
    gateway.challenger.value = value
    gateway.fly(0.0, shadow=1.0)
    for _ in range(10):
        assert gateway.arms() == "champion"
    counts = gateway.until(lambda status: status.counts.compared == 10).counts
    assert (counts.mirrored, counts.dropped, counts.failed, counts.disagreed) == (10, 0, 0, disagreed)
    assert counts.challenger.requests == 0


def test_a_shadow_that_hangs_is_dropped_and_nobody_waits_for_it(through: Callable[..., Through]) -> None:
    gateway = through(shadows=2)
    gateway.fly(0.0, shadow=1.0)
    gateway.champion.go_on.set()
    for _ in range(6):
        assert gateway.arms("/slow") == "champion"
    counts = gateway.until(lambda status: status.counts.mirrored + status.counts.dropped == 6).counts
    assert (counts.mirrored, counts.dropped) == (2, 4)


def test_what_passed_is_in_the_journal_with_its_arm(through: Callable[..., Through], tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    gateway = through(journal=folder)
    gateway.fly(0.5)
    said = {"content-type": "application/json", "x-request-id": "mine"}
    threads = [threading.Thread(target=gateway.ask, args=("POST", "/echo", b'{"a": 1}', said)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gateway.gateway.close()
    found = interactions_in(folder)
    assert len(found) == 20
    assert {one.arm for one in found} == {"champion", "challenger"}
    assert {one.probability for one in found} == {0.5}
    assert {one.request_id for one in found} == {"mine"}
    assert {one.inputs["request"].values[0] for one in found} == {'{"a": 1}'}
    assert all("predictions" in one.outputs["answer"].values[0] for one in found)
    assert {one.revision for one in found} == {gateway.champion.url, gateway.challenger.url}
