from __future__ import annotations

import pytest

from trimtab.core.secrets import Secret
from trimtab.server.faults import TurnedAwayError
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.peer import LOCAL
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.settings import Settings


def caller(token, **shown):
    """Who calls with these headers, where that is the token."""
    guard = open_guard(Settings(guard=GuardSettings(owner=Secret(token))), lambda *_: None, shares=False)
    return guard.insist({name.encode(): value.encode() for name, value in shown.items()}, LOCAL)


@pytest.mark.parametrize("token", ["a-token", "tt_abcdefgh_like-a-key"])
def test_whoever_shows_the_token_may_do_everything(token):
    found = caller(token, authorization=f"Bearer {token}")
    assert all(found.may(scope, "churn") for scope in ("infer", "read", "feedback", "operate"))


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer b-token"}, {"authorization": "Bearer tt_a"}])
def test_nobody_else_is_taken(shown):
    with pytest.raises(TurnedAwayError, match="P331"):
        caller("a-token", **shown)
