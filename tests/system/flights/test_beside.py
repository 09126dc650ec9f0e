"""Whatever a challenger does to those who have it, those who have the champion notice nothing."""

import threading
from contextlib import closing, suppress

import pytest
from tests.system.flights.conftest import send

from trimtab.core.traffic import point_of

SPLIT = {"by": "header", "name": "x-user"}
SHARE = 0.3


def users(arm):
    """Some who are in that arm of the flight `f1`."""
    inside = {f"u{at}" for at in range(40) if point_of("f1", f"u{at}".encode()) < SHARE}
    return sorted(inside if arm == "challenger" else {f"u{at}" for at in range(40)} - inside)


@pytest.mark.parametrize("what", ["raise", "crash", "hang", "spin", "leak", "sleep 0.1"])
def test_users_of_the_champion_lose_nothing(flown, what):
    # only what waits for its time to be up needs that to be soon: on a busy machine a leak takes long as well
    server = flown(answer_timeout_s=2.0 if what in ("hang", "spin") else 30.0, memory=400_000_000)
    server.fly(f"says {what}", share=SHARE, split=SPLIT)
    stop = threading.Event()
    said = []  # to those who have the challenger, where it was no answer

    def suffer(user):
        while not stop.is_set():
            with suppress(OSError), closing(server.connection()) as connection:
                status, _, body = send(connection, {"x": 5.0}, x_user=user)
                if status != 200:
                    said.append((status, body))

    threads = [threading.Thread(target=suffer, args=(user,)) for user in users("challenger")[:4]]
    for thread in threads:
        thread.start()
    try:
        with closing(server.connection()) as connection:
            for at in range(300):
                status, revision, body = send(connection, {"x": 5.0}, x_user=users("champion")[at % 20])
                assert (status, revision, body["rows"]) == (200, "00" * 6, [{"y": 10.0}])
        if what != "leak":
            server.until(lambda status: status.counts.challenger.requests >= 2)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    counts = server.status().counts
    assert (counts.champion.requests, counts.champion.errors) == (300, 0)
    if what in ("leak", "sleep 0.1"):
        assert said == []  # a busy machine may make one that comes after two seconds an error by the rule
    else:
        assert counts.challenger.errors > 0
