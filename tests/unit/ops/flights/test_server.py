"""The client of the control plane, against its routes over real HTTP on the loopback address."""

from __future__ import annotations

import socket
import threading

import pytest
from tests.doubles.flying import flying

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.traffic import Split, Traffic
from trimtab.ops.flights.server import Reach, ServerFlown


@pytest.fixture
def plane():
    with flying(loading_s=0.0) as plane:
        yield plane


def flown(plane, flight="churn-1", **reach):
    return ServerFlown(Reach(plane.url, **reach), "churn", flight, "sha256:new")


def test_a_flight_from_its_beginning_to_its_end(plane):
    flight = flown(plane)
    assert flight.status() is None
    flight.start("sha256:new")
    flight.start("sha256:new")
    status = flight.status()
    assert (status.champion, status.challenger, status.state) == ("sha256:old", "sha256:new", "ready")
    flight.steer(Traffic("churn-1", 0.25, 0.0, Split("header", "x-user")), 15.0)
    status = flight.status()
    assert status.traffic == Traffic("churn-1", 0.25, 0.0, Split("header", "x-user"))
    assert 0 < status.lease_s <= 15
    flight.end()
    flight.end()
    assert flight.status() is None
    assert plane.server.log == ["loaded", "share 0.25", "ended"]


def test_a_promotion_may_be_said_twice_also_to_a_server_that_was_restarted(plane):
    flight = flown(plane)
    flight.start("sha256:new")
    flight.promote()
    flight.promote()
    plane.server.restart()
    plane.server.promoted = ""
    flight.promote()
    assert plane.server.store == "sha256:new"


def test_a_promotion_that_never_was_is_not_taken_for_one(plane):
    with pytest.raises(UserError, match="no flight is on"):
        flown(plane).promote()


def test_the_flight_that_is_on_is_named(plane):
    flown(plane).start("sha256:new")
    with pytest.raises(UserError, match="flight `churn-1` is on") as caught:
        flown(plane, "churn-2").start("sha256:newer")
    assert caught.value.problems[0].code == "P361"
    assert flown(plane, "churn-2").status() is None


def test_the_credential_goes_along_and_is_not_repeated(plane):
    reach = {"headers": {"authorization": "Bearer s3cret"}, "hidden": lambda text: text.replace("s3cret", "***")}
    assert flown(plane, **reach).status() is None
    assert plane.asked == [("GET /v1/flights/churn", "Bearer s3cret")]
    plane.server.serve("s3cret", "sha256:new")
    with pytest.raises(UserError, match=r"flight `\*\*\*` is on"):
        flown(plane, **reach).start("sha256:new")


def test_what_is_no_control_plane_is_named(plane):
    for strange in (b"<html>", b"[1]", b'{"endpoint": 1}'):
        plane.broken = strange
        with pytest.raises(OutsideError, match="no control plane that flies"):
            flown(plane).status()
    plane.broken, plane.server.gone = b"", True
    with pytest.raises(OutsideError, match="nobody answers"):
        flown(plane).steer(Traffic("churn-1"), 1.0)


def test_nobody_there_and_nobody_who_speaks_are_outside(free_port):
    with pytest.raises(OutsideError, match="does not answer: connection refused"):
        ServerFlown(Reach(f"http://127.0.0.1:{free_port}"), "churn", "f").status()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = ServerFlown(Reach(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=0.05), "churn", "f")
        with pytest.raises(OutsideError, match="timed out"):
            silent.status()

        def hang_up() -> None:
            listener.accept()[0].close()  # the one that timed out
            listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(OutsideError, match="does not answer"):
            ServerFlown(Reach(f"http://127.0.0.1:{listener.getsockname()[1]}"), "churn", "f").status()
        thread.join()
