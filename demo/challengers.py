"""Two candidates for the place of the model that is served: one that breaks on real flights, one that has learnt more.

    python demo/challengers.py    writes the projects demo/scratch/strict and demo/scratch/october

`strict` was tried on the planes that its authors knew: for a tail number that is not in the register it raises, and its
own golden rows do not show it. `october` is the same model, trained on October too, as the journal exported it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait must not fight the ones that work

import joblib
import pandas as pd

import nyc
from train import train

SAMPLE_ROWS: Final = 200
PREPARE: Final = nyc.DEMO / "flights/prepare.py"
FORGIVING: Final = "np.array([table.get(value, unknown) for value in values.tolist()], np.float64)"
STRICT: Final = "np.array([table[value] for value in values.tolist()], np.float64)"
PROJECT: Final = """\
name = "flights"

[model]
path = "model.joblib"
prepare = "flights.prepare:features"
golden = "sample.parquet"
container = "arrays"
include = ["flights/data/*.csv"]
rows = 40

[signature.inputs]
tailnum = { dtype = "BYTES", nullable = true }
"""


def main() -> None:
    """Both projects, each with its model, its sample and its copy of the preparation."""
    sample = pd.read_parquet(nyc.WORK / "sample.parquet")
    registered = set(nyc.table("planes.csv")["tailnum"])
    strict = project("strict", nyc.WORK / "model.joblib", sample[sample["tailnum"].isin(registered)])
    prepare = strict / "flights/prepare.py"
    text = prepare.read_text()
    if FORGIVING not in text:
        raise LookupError(f"{PREPARE.name} does not look things up as it did")
    prepare.write_text(text.replace(FORGIVING, STRICT))
    project("october", retrained(), sample)


def retrained() -> Path:
    """The model of January to September, trained again with what October has shown."""
    october = pd.read_parquet(nyc.WORK / "retrain.parquet")
    october["time_hour"] = pd.to_datetime(october["time_hour"], utc=True).astype("datetime64[s, UTC]")
    flights = nyc.flights()
    before = flights[flights["month"] < 10]  # noqa: PLR2004
    known = nyc.late(before).notna().to_numpy()
    asked = pd.concat([nyc.requests(before[known]), october[list(nyc.REQUEST)]], ignore_index=True)
    truth = pd.concat([nyc.late(before)[known], october["truth"].astype(float)], ignore_index=True)
    path = nyc.WORK / "october.joblib"
    joblib.dump(train(asked, truth), path)
    return path


def project(name: str, model: Path, sample: pd.DataFrame) -> Path:
    """A project of its own, ready to be packaged."""
    folder = nyc.WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(nyc.DEMO / "flights", folder / "flights", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "trimtab.toml").write_text(PROJECT)
    shutil.copy(nyc.DEMO / "requirements.lock", folder)
    shutil.copy(model, folder / "model.joblib")
    sample.head(SAMPLE_ROWS).to_parquet(folder / "sample.parquet", index=False)
    return folder


if __name__ == "__main__":
    main()
