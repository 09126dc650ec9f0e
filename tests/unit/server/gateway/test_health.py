from __future__ import annotations

import pytest

from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.collecting import Collected
from trimtab.server.gateway.health import PATHS, Health

GONE = Broken("refused", "connection refused")


def seen(path: str, *statuses: int) -> Health:
    health = Health(path)
    for status in statuses:
        health.saw(Collected(status, b"", json=False) if status else GONE)
    return health


@pytest.mark.parametrize(
    ("path", "statuses", "state"),
    [
        ("/h", (), "loading"),
        ("/h", (503, 503, 503), "loading"),
        ("/h", (404,), "loading"),
        ("/h", (0, 0, 200), "ready"),
        ("/h", (200, 503), "ready"),
        ("/h", (200, 503, 200, 503), "ready"),
        ("/h", (200, 503, 503), "failed"),
        ("/h", (200, 0, 0), "failed"),
        ("", (404, 404, 404, 404), "ready"),
        ("", (404, 200, 404, 404), "failed"),
        ("", (0, 404, 200), "ready"),
    ],
)
def test_two_looks_in_a_row_decide(path, statuses, state):
    assert seen(path, *statuses).state == state


def test_usual_paths_are_tried_in_turn_and_the_first_good_one_stays():
    health = seen("", 404, 404)
    assert health.path == PATHS[2]
    health.saw(Collected(200, b"", json=False))
    health.saw(Collected(503, b"", json=False))
    assert (health.path, health.steady) == (PATHS[2], False)


def test_a_failed_one_says_why_and_a_champion_begins_anew():
    health = seen("/h", 200, 0, 0)
    assert "connection refused" in health.why
    health.recovered()
    assert (health.state, health.steady) == ("loading", True)


def test_one_that_could_not_be_asked_for_all_the_others_is_not_unwell():
    health = seen("/h", 200)
    for _ in range(5):
        health.saw(Broken("full", "512 connections are open"))
    assert (health.state, health.steady) == ("ready", True)
