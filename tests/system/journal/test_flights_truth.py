"""October's real flights: truth arrives three times, shuffled, with duplicates and of flights never asked about."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from trimtab.cli.main import run
from trimtab.core.checker import Checker
from trimtab.core.signature import Field, Signature
from trimtab.journal.query import open_journal
from trimtab.server.guard.principal import ANYBODY
from trimtab.server.journal.make import Journal
from trimtab.server.journal.settings import JournalSettings

INPUTS = (
    Field("carrier", "BYTES"),
    Field("tailnum", "BYTES", nullable=True),
    Field("flight", "INT64"),
    Field("distance", "FP64"),
    Field("time_hour", "BYTES", kind="datetime", frame="datetime64[s]"),
)
SIGNATURE = Signature(INPUTS, (Field("probability", "FP64"),), "arrays")


class Endpoint:
    """What a recorder knows of a model."""

    name, digest, signature = "flights", f"sha256:{'ab' * 32}", SIGNATURE
    bundle = SimpleNamespace(privacy=dict)


@pytest.fixture(scope="module")
def october(root: Path) -> pd.DataFrame:
    """The month that the demo plays as live traffic."""
    sys.path.insert(0, str(root / "demo"))
    try:
        import nyc
    finally:
        sys.path.remove(str(root / "demo"))
    flights = nyc.flights()
    live = flights[flights["month"] == 10].reset_index(drop=True)
    return live.assign(late=nyc.late(live))


def logged(folder: Path, flights: pd.DataFrame) -> pd.DataFrame:
    """The flights in a journal, in requests of 1 to 64; their ids and rows."""
    chance, check, endpoint = np.random.default_rng(3), Checker(SIGNATURE), Endpoint()
    found: list[tuple[str, int]] = []

    async def keep() -> None:
        recorder = Journal(JournalSettings(folder, mode="sent")).open(
            asyncio.get_running_loop(), lambda *_: None, lambda *_: None
        )
        at, outcomes = 0, []
        while at < len(flights):
            some = flights.iloc[at : at + int(chance.integers(1, 65))]
            at += len(some)
            trail = recorder.begin(ANYBODY, endpoint, "rows")
            times = some["time_hour"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
            tails = [None if pd.isna(one) else one for one in some["tailnum"]]
            columns = {name: some[name].tolist() for name in ("carrier", "flight")}
            distances = some["distance"].astype(float).tolist()
            trail.table = check({**columns, "tailnum": tails, "distance": distances, "time_hour": times})
            trail.outputs = {"probability": some["distance"].to_numpy(float) / 5000}
            recorder.end(trail, 200, 0.001, outcomes.append)
            found.extend((trail.id, row) for row in range(len(some)))
        recorder.scribe.close()
        assert outcomes
        assert set(outcomes) == {"kept"}

    asyncio.run(keep())
    return pd.DataFrame(found, columns=["id", "row"])


def test_the_joined_table_is_that_of_an_offline_join(october, tmp_path: Path, capsys) -> None:
    ids = logged(tmp_path / "journal", october)
    truth = ids.assign(value=october["late"]).dropna().astype({"value": int})
    known = truth.iloc[:0]
    for arrival, share in enumerate((0.5, 0.8, 1.0)):
        some = truth.sample(frac=share, random_state=arrival)
        strangers = pd.DataFrame({"id": [f"order-{n}" for n in range(300)], "row": 0, "value": 1})
        told = pd.concat([some, some.sample(frac=0.1, random_state=arrival), strangers])
        told.sample(frac=1.0, random_state=arrival).to_csv(tmp_path / "told.csv", index=False)
        assert run(["truth", str(tmp_path / "told.csv"), "--journal", str(tmp_path / "journal")]) == 0
        known = pd.concat([known, some]).drop_duplicates(["id", "row"])
        with open_journal(tmp_path / "journal") as journal:
            joined = journal.sql("select id, row, in_tailnum, in_time_hour, truth from joined").df()
        offline = ids.assign(
            in_tailnum=october["tailnum"], in_time_hour=october["time_hour"].dt.tz_localize(None)
        ).merge(known, on=["id", "row"], how="left")
        both = offline.merge(joined, on=["id", "row"], how="outer", suffixes=("", "_joined"), indicator="found")
        assert (both["found"] == "both").all()
        assert len(both) == len(october)
        assert both["value"].astype(float).equals(both["truth"].astype(float))
        assert (both["in_tailnum"].fillna("") == both["in_tailnum_joined"].fillna("")).all()
        assert (both["in_time_hour"] == both["in_time_hour_joined"].dt.tz_localize(None)).all()
    capsys.readouterr()
