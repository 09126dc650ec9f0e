"""The knobs and what is made of them."""

import dataclasses

import pytest

from trimtab.server.batching.batcher import BatchLimits
from trimtab.server.connection import Limits
from trimtab.server.settings import Settings


def test_knobs_reach_what_they_are_for():
    settings = Settings(
        head_limit=1, body_limit=2, chunk_limit=3, batch_rows=4, batch_goal_s=5.0, queue_limit=6, wait_s=7.0
    )
    assert settings.limits == Limits(1, 2, 3)
    assert settings.batch_limits == BatchLimits(rows=4, goal_s=5.0, calls=6, wait_s=7.0, patience_s=30.0)


def test_the_default_is_heard_by_this_machine_only():
    settings = Settings()
    assert (settings.host, settings.port, settings.insecure, settings.tls) == ("127.0.0.1", 8080, False, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1


@pytest.mark.parametrize(("asked_s", "found_s"), [(None, 30.0), (5.0, 5.0), (60.0, 30.0)])
def test_nobody_waits_longer_than_the_server_allows(asked_s, found_s):
    assert Settings(answer_timeout_s=30.0).patience_s(asked_s) == found_s
