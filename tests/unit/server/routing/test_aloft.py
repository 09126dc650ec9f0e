from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from trimtab.server.routing.aloft import Aloft


def test_a_challenger_that_was_ready_and_is_not_any_more_has_failed_for_good():
    backing: Any = SimpleNamespace(state="loading", why="connection refused")
    aloft = Aloft("f1", backing)
    assert not aloft.look()
    assert aloft.state == "loading"
    backing.state = "ready"
    assert not aloft.look()
    assert aloft.state == "ready"
    backing.state = "failed"
    assert aloft.look()
    assert (aloft.state, aloft.why) == ("failed", "connection refused")
    backing.state = "ready"
    assert not aloft.look()
    assert aloft.state == "failed"
