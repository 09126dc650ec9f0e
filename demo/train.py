"""Trains on January to September and leaves everything the demo needs in demo/scratch and demo/flights/data.

    python demo/train.py

The same files come out every time. October is not looked at, but to say how good the finished model is.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait must not fight the ones that work

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

import nyc
from flights.prepare import CODED, features
from flights.reference import DATA, OBSERVED
from quality import RateTable, quality

FIRST_LIVE_MONTH: Final = 10
SAMPLE_ROWS: Final = 400
SEED: Final = 2013


def main() -> None:
    """Writes the reference tables, the model, the sample, the live month and the metrics."""
    nyc.WORK.mkdir(exist_ok=True)
    flights = nyc.flights()
    before = flights[flights["month"] < FIRST_LIVE_MONTH]
    live = flights[flights["month"] == FIRST_LIVE_MONTH]
    past = before[nyc.late(before).notna().to_numpy()]
    write_reference(DATA, past)
    asked, truth = nyc.requests(past), nyc.late(past)
    model = train(asked, truth)
    joblib.dump(model, nyc.WORK / "model.joblib")
    step = len(past) // SAMPLE_ROWS
    asked.iloc[:: step + 1].to_parquet(nyc.WORK / "sample.parquet", index=False)
    asked.to_parquet(nyc.WORK / "trained_on.parquet", index=False)
    said = report(model, live, RateTable.learn(asked, truth))
    print(f"{len(past)} flights, {model.n_features_in_} features, AUC {said['model']['auc']:.3f} in October")


def write_reference(folder: Path, past: pd.DataFrame) -> None:
    """The tables that the preparation code looks things up in; codes count only what training saw."""
    folder.mkdir(exist_ok=True)
    fleet = nyc.table("planes.csv")[["tailnum", "year", "seats", "manufacturer"]]
    fleet["year"] = fleet["year"].astype("Int64")
    fleet.to_csv(folder / "planes.csv", index=False, lineterminator="\n")
    weather = nyc.table("weather.csv")
    seconds = pd.to_datetime(weather["time_hour"], utc=True).astype("datetime64[s, UTC]").astype("int64")
    weather.insert(1, "utc_hour", seconds // 3600)
    weather = weather.drop_duplicates(["origin", "utc_hour"]).sort_values(["origin", "utc_hour"])
    kept = weather[["origin", "utc_hour", *OBSERVED]].rename(columns={"utc_hour": "hour"})
    kept.to_csv(folder / "weather.csv", index=False, float_format="%.6g", lineterminator="\n")
    seen = {name: past[name] for name in CODED} | {"manufacturer": fleet["manufacturer"]}
    rows = [(name, value, code) for name, values in seen.items() for code, value in enumerate(_by_frequency(values))]
    codes = pd.DataFrame(rows, columns=["column", "value", "code"])
    codes.to_csv(folder / "codes.csv", index=False, lineterminator="\n")


def _by_frequency(values: pd.Series) -> list[str]:
    """The values, the commonest first; equally common ones by name."""
    counts = values.value_counts()
    return sorted(counts.index, key=lambda value: (-counts[value], value))


def train(asked: pd.DataFrame, truth: pd.Series) -> HistGradientBoostingClassifier:
    """Settings were chosen by training on the months before June, July, August and September and asking about each."""
    model = HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=120,
        min_samples_leaf=200,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=SEED,
    )
    return model.fit(features(nyc.arrays(asked)), truth.to_numpy().astype(int))


def report(model: HistGradientBoostingClassifier, live: pd.DataFrame, baseline: RateTable) -> dict[str, Any]:
    """Writes the live month as requests, its truth beside this process's own answers, and metrics.json."""
    asked, truth = nyc.requests(live), nyc.late(live)
    probability = model.predict_proba(features(nyc.arrays(asked)))[:, 1]
    rates = baseline(asked)
    asked.to_parquet(nyc.WORK / "live.parquet", index=False)
    beside = pd.DataFrame({"late": truth, "trained": probability, "baseline": rates})
    beside.to_parquet(nyc.WORK / "truth.parquet", index=False)
    seen = truth.to_numpy(np.float64)
    said = {"model": asdict(quality(seen, probability)), "baseline": asdict(quality(seen, rates))}
    (nyc.WORK / "metrics.json").write_text(json.dumps(said, indent=2) + "\n")
    return said


if __name__ == "__main__":
    main()
