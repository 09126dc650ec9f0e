"""A real server process over a bundle that lives in memory: prints its address, then answers.

Its only argument, if there is one, holds settings as JSON.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np

from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.run import run
from trimtab.server.settings import Settings

SIGNATURE = Signature(
    (
        Field("age", "INT64", low=0, high=120),
        Field("plan", "BYTES", categories=("basic", "plus")),
        Field("spend", "FP64"),
        Field("city", "BYTES", nullable=True),
    ),
    (Field("score", "FP64"), Field("label", "BYTES")),
    "arrays",
)
ROW = {"age": [30], "plan": ["plus"], "spend": [1.5], "city": [None]}


def predict(table):
    if (table.columns["age"].values == 13).any():
        raise ValueError("secret of the model")
    if (table.columns["age"].values == 14).any():
        time.sleep(2)
    score = table.columns["spend"].values * 2
    return {"score": score, "label": np.array([f"{value:g}" for value in score], object)}


@dataclass
class MemoryBundle:
    name: str = "churn"
    digest: str = f"sha256:{'ab' * 32}"
    signature: Signature = SIGNATURE
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))

    inline: bool = False

    def load(self):
        return predict

    def privacy(self):
        return {}

    def golden(self):
        table = check(SIGNATURE, ROW)
        return Golden(table, predict(table), 0.0, 0.0)


def settings_of(given):
    """Settings as JSON says them; a path is a text there."""
    said = msgspec.convert(given.pop("guard", {}), GuardSettings, dec_hook=lambda kind, text: kind(text))
    if "tls" in given:
        given["tls"] = tuple(map(Path, given["tls"]))
    return Settings(**{"port": 0, "rows_limit": 1000, "answer_timeout_s": 1.5, "guard": said, **given, **kept(given)})


def kept(given):
    """What the settings say of a journal."""
    said = given.get("journal")
    return (
        {}
        if said is None
        else {"journal": msgspec.convert(said, JournalSettings, dec_hook=lambda kind, text: kind(text))}
    )


if __name__ == "__main__":
    given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    run(
        lambda: {"churn": MemoryBundle()},
        settings_of(given),
        lambda address: print(address, flush=True),
    )
