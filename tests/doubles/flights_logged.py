"""A journal with a flight in it: requests of both arms, with the chance by which each came to its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.doubles.logged import INTERACTION_ID, NOON, Logging, interaction

from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer

SHARE = 0.25
FAILS = {("family", True): 0.4, ("family", False): 0.05, ("basic", True): 0.05, ("basic", False): 0.08}


def flown_into(path: Path, rows: int = 2000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Ten requests a second; the challenger fails for the family plan. Whose each was, and whether it failed."""
    chance = np.random.default_rng(seed)
    own, failed = chance.random(rows) < SHARE, np.zeros(rows, bool)
    writer = Writer(open_folder(path))
    logging = Logging(writer)
    for at in range(rows):
        plan = "family" if at % 3 == 0 else "basic"
        failed[at] = chance.random() < FAILS[plan, bool(own[at])]
        inputs = {"x": Column(np.array([float(at % 8)])), "plan": Column(np.array([plan], object))}
        record = interaction(
            logging.number, logging.schema, inputs, {"y": np.array([1.0])},
            id=f"{INTERACTION_ID}{at:x}", time=NOON + at / 10, status=500 if failed[at] else 200,
            seconds=0.08 if own[at] else 0.04, arm="challenger" if own[at] else "champion",
            probability=SHARE if own[at] else 1 - SHARE, principal=f"caller{at % 50}",
        )  # fmt: skip
        writer.write([Frame(Kind.INTERACTION, record)])
    writer.close()
    return own, failed
