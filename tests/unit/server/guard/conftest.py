"""Issuers, keys and tokens in memory, time that passes when a test says so, and a log that is looked at."""

from __future__ import annotations

import json
import os
import signal
import warnings
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.oidc import AUDIENCE, DISCOVERY, Realm

from trimtab.server.guard.principal import Grant
from trimtab.server.guard.settings import Issuer
from trimtab.server.guard.tokens.fetching import Fetched

START = 1_000.0


class World:
    """An issuer whose documents are here, fetched by hand; `now` is the monotonic time."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.realm = Realm("https://idp.example/main", algorithm)
        self.now = START
        self.fetched: list[str] = []
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.max_age_s: float | None = 300
        self.fault: Exception | None = None
        self.jwks: object = None  # in place of the realm's own
        self.during: list[Any] = []  # called while the key set is fetched, each once

    def settings(self, **changes: Any) -> Issuer:
        usual = {"algorithm": self.realm.algorithm, "grants": (Grant("infer"),), "authorities": Path("ca.pem")}
        usual |= {"jwks": "https://idp.example/keys"}
        return Issuer(**{"name": "idp", "issuer": self.realm.issuer, "audiences": (AUDIENCE,), **usual, **changes})

    def fetch(self, address: str, authorities: Path | None) -> Fetched:
        assert authorities == Path("ca.pem")
        self.fetched.append(address)
        if self.fault is not None:
            raise self.fault
        if address.endswith(DISCOVERY):
            said = {"issuer": self.realm.issuer, "jwks_uri": "https://keys.example/1"}
            return Fetched(json.dumps(said).encode())
        while self.during:
            self.during.pop()()
        listed = {"keys": [key.jwk for key in self.realm.keys]} if self.jwks is None else self.jwks
        return Fetched(json.dumps(listed).encode(), self.max_age_s)

    def log(self, event: str, fields: dict[str, Any]) -> None:
        self.said.append((event, fields))

    def events(self) -> list[str]:
        return [event for event, _ in self.said]


@pytest.fixture
def world() -> World:
    return World()


def fork() -> int:
    """A process that only counts and ends: the threads that libraries have started here are nothing to it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(60)  # whatever it waits for, it does not stay
    return pid


class Times:
    """A wall clock and one that nobody sets; `passes` moves both."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 5_000.0  # a multiple of every window up to an hour

    def clock(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


class Said(list[tuple[str, dict[str, Any]]]):
    """A `Log`."""

    def __call__(self, event: str, fields: dict[str, Any]) -> None:
        self.append((event, fields))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self]


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def said() -> Said:
    return Said()
