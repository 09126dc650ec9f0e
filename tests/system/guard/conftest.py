"""A real provider over TLS, and tokens that are checked against it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.oidc import Provider

from trimtab.server.guard.tokens.tokens import Tokens

PATIENCE_S = 20


class Asking:
    """Checks tokens as a server does: it waits once where it is told to, and then asks for the last time."""

    def __init__(self, provider: Provider, **changes: Any) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        settings = [provider.settings(realm, **changes) for realm in (provider.main, provider.edge)]
        self.tokens = Tokens(settings, lambda event, fields: self.said.append((event, fields)))

    def ask(self, token: str) -> Any:
        found = self.tokens.check(token)
        if found is not None:
            return found
        fresh = threading.Event()
        assert self.tokens.when_fresh(fresh.set)
        assert fresh.wait(PATIENCE_S), "nobody was told"
        return self.tokens.check(token, last=True)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with Provider(tmp_path) as provider:
        yield provider


@pytest.fixture
def asking(provider: Provider) -> Iterator[Asking]:
    asking = Asking(provider)
    asking.tokens.start()
    yield asking
    asking.tokens.close()
