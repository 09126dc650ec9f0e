from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.server.gateway.backends import Backend
from trimtab.server.routing.open import must_be_guarded
from trimtab.server.routing.routes import Routes

HERE = Routes(
    Path("f"), 1, "p", "n", ("127.0.0.1", 1), ("127.0.0.1", 2), {"r": Backend("http", "a", 1)}, "r", Path("s")
)
WHERE = "env:T"
OPEN = replace(HERE, control=("0.0.0.0", 2))  # noqa: S104


@pytest.mark.parametrize(
    "routes",
    [HERE, replace(OPEN, token=WHERE, insecure=True), replace(OPEN, token=WHERE, tls=(Path("c"), Path("k")))],
)
def test_loopback_or_a_token_that_does_not_travel_in_the_open(routes):
    must_be_guarded(routes)


@pytest.mark.parametrize("routes", [OPEN, replace(OPEN, insecure=True), replace(OPEN, token=WHERE)])
def test_all_else_is_refused(routes):
    with pytest.raises(UserError, match="P386"):
        must_be_guarded(routes)
