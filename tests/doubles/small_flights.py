"""Trains the demo's model in small, on its real flights, and leaves the newest 100,000 flights as requests.

python small_flights.py FOLDER: of a copy of `demo`, which then has all that `trimtab package` needs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OMP_WAIT_POLICY"] = "passive"

TRAINED, ASKED = 60_000, 100_000


def main(folder: Path) -> None:
    """Writes the reference tables, the model, the sample and the requests."""
    sys.path.insert(0, str(folder))
    import joblib
    from sklearn.ensemble import HistGradientBoostingClassifier

    import nyc
    from flights.prepare import features
    from flights.reference import DATA
    from train import write_reference

    flights = nyc.flights()
    past = flights[nyc.late(flights).notna().to_numpy()].head(TRAINED)
    write_reference(DATA, flights)
    asked = nyc.requests(past)
    model = HistGradientBoostingClassifier(max_iter=25, min_samples_leaf=50, early_stopping=False, random_state=1)
    model.fit(features(nyc.arrays(asked)), nyc.late(past).to_numpy().astype(int))
    work = folder / "scratch"
    work.mkdir(exist_ok=True)
    joblib.dump(model, work / "model.joblib")
    asked.iloc[::150].to_parquet(work / "sample.parquet", index=False)
    nyc.requests(flights.tail(ASKED)).to_parquet(work / "asked.parquet", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
