"""Answers of a flight, made up, and a journal that has one."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.flights_logged import flown_into

from trimtab.journal.query.session import open_journal
from trimtab.ops.readout.looks import Answers


def made_up(rows=20_000, errors=(0.02, 0.04), slower=1.5, quality=(0.8, 0.8), share=0.25, seed=1):
    """Twenty requests a second of a flight at one share; quality is known of half of them."""
    chance = np.random.default_rng(seed)
    own = chance.random(rows) < share
    arm = own.astype(int)
    seconds = 0.04 * np.exp(0.4 * chance.standard_normal(rows)) * np.where(own, slower, 1.0)
    right = (chance.random(rows) < np.array(quality)[arm]).astype(float)
    known = chance.random(rows) < 0.5
    failed = chance.random(rows) < np.array(errors)[arm]
    return Answers(
        np.arange(rows) / 20, own, np.full(rows, share), failed, seconds, {"right": np.where(known, right, np.nan)}
    )


@pytest.fixture(scope="session", name="made_up")
def _made_up():
    return made_up


@pytest.fixture(scope="session")
def logged(tmp_path_factory):
    """The journal's folder, whose each request was, and whether it failed."""
    path = tmp_path_factory.mktemp("flown") / "journal"
    return path, *flown_into(path)


@pytest.fixture
def journal(logged):
    with open_journal(logged[0], endpoint="churn") as opened:
        yield opened
