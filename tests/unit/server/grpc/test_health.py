"""Health that is asked and health that is watched, on threads of the test's own."""

import threading
from queue import Queue
from types import SimpleNamespace

import pytest

from trimtab.server.faults import NotReadyError, OverloadedError
from trimtab.server.grpc.health import Board, health

WAIT_S = 20


@pytest.mark.parametrize(
    ("service", "loading", "stopping", "ready"),
    [
        ("", "NOT_SERVING", "NOT_SERVING", "SERVING"),
        ("inference.GRPCInferenceService", "NOT_SERVING", "NOT_SERVING", "SERVING"),
        ("m", "SERVING", "NOT_SERVING", "SERVING"),
        ("n", "NOT_SERVING", "NOT_SERVING", "SERVING"),
        ("other", "SERVICE_UNKNOWN", "SERVICE_UNKNOWN", "SERVICE_UNKNOWN"),
    ],
)
def test_the_server_is_healthy_when_all_models_are_and_a_model_by_itself(kit, service, loading, stopping, ready):
    plane = kit.plane(kit.endpoint())
    one, two = SimpleNamespace(state="ready"), SimpleNamespace(state="loading")
    plane.endpoints = {"m": one, "n": two}
    assert health(plane, service) == loading
    two.state = "ready"
    assert health(plane, service) == ready
    plane.stopping = True
    assert health(plane, service) == stopping


class Watcher:
    """Watches in a thread of its own; what it hears is in a queue, its error or `None` last."""

    def __init__(self, board, service):
        self.heard, self.here = Queue(), True
        self._board, self._service = board, service
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        end = None
        try:
            for status in self._board.watch(self._service, lambda: self.here):
                self.heard.put(status)
        except (NotReadyError, OverloadedError) as error:
            end = error
        self.heard.put(end)

    def next(self):
        return self.heard.get(timeout=WAIT_S)

    def join(self):
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()


@pytest.fixture
def story():
    """A board over statuses that the test sets."""
    statuses = {"": "SERVING", "m": "NOT_SERVING"}
    board = Board(lambda service: statuses.get(service, "SERVICE_UNKNOWN"), limit=3)
    yield SimpleNamespace(board=board, statuses=statuses, watch=lambda service: Watcher(board, service))
    board.close()


def test_a_watcher_hears_the_present_status_at_once_and_then_each_change(story):
    whole, one, unknown = (story.watch(service) for service in ("", "m", "x"))
    assert [watcher.next() for watcher in (whole, one, unknown)] == ["SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
    story.board.look()
    story.statuses |= {"m": "SERVING", "x": "NOT_SERVING"}
    story.board.look()
    assert (one.next(), unknown.next()) == ("SERVING", "NOT_SERVING")
    story.statuses[""] = "NOT_SERVING"
    story.board.look()
    assert whole.next() == "NOT_SERVING"
    assert [watcher.heard.qsize() for watcher in (whole, one, unknown)] == [0, 0, 0]


def test_at_the_end_the_last_change_is_told_first(story):
    watcher = story.watch("")
    assert watcher.next() == "SERVING"
    story.statuses[""] = "NOT_SERVING"
    story.board.look()
    story.board.close()
    assert watcher.next() == "NOT_SERVING"
    assert isinstance(watcher.next(), NotReadyError)
    watcher.join()
    assert isinstance(story.watch("").next(), NotReadyError)


def test_when_another_process_takes_over_nothing_is_told_but_the_end(story):
    watcher = story.watch("")
    assert watcher.next() == "SERVING"
    story.board.freeze()
    story.statuses[""] = "NOT_SERVING"
    story.board.look()
    assert isinstance(story.watch("").next(), NotReadyError)
    story.board.close()
    assert isinstance(watcher.next(), NotReadyError)


def test_a_watcher_that_leaves_makes_room(story):
    watchers = [story.watch("m") for _ in range(3)]
    assert {watcher.next() for watcher in watchers} == {"NOT_SERVING"}
    assert isinstance(story.watch("").next(), OverloadedError)
    watchers[0].here = False
    story.board.wake()
    assert watchers[0].next() is None
    watchers[0].join()
    assert story.watch("").next() == "SERVING"


def test_a_name_without_end_is_kept_in_part(story):
    watcher = story.watch("x" * 100_000)
    assert watcher.next() == "SERVICE_UNKNOWN"
    assert [len(name) for name in story.board._shown] == [256]
    watcher.here = False
    story.board.wake()
    watcher.join()
    assert story.board._shown == {}
