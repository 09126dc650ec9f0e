"""Days later it is known which flights were late: the truth, as a partner would send it, and what became of it.

python demo/later.py tell     writes scratch/told.csv: shuffled, some twice, some of flights never asked about
python demo/later.py check    holds the exported set against a join that the journal has no part in
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import numpy as np
import pandas as pd

import nyc

SEED: Final = 13
TWICE: Final = 0.02  # of all that is known is told twice
STRANGERS: Final = 200  # ids that nobody was given


def known() -> pd.DataFrame:
    """Every flight whose outcome is known, under the id and row of its answer."""
    answers = pd.read_parquet(nyc.WORK / "answers.parquet")[["id", "row"]]
    answers["late"] = pd.read_parquet(nyc.WORK / "truth.parquet")["late"]
    found = answers[answers["late"].notna()]
    return found.assign(late=found["late"].astype(int))


def tell() -> None:
    """The truth as it arrives: nobody promised an order."""
    truth = known()
    again = truth.sample(frac=TWICE, random_state=SEED)
    strangers = pd.DataFrame({"id": [f"order-{number}" for number in range(STRANGERS)], "row": 0, "late": 1})
    told = pd.concat([truth, again, strangers]).sample(frac=1.0, random_state=SEED)
    told.to_csv(nyc.WORK / "told.csv", index=False)
    print(f"{len(told):,} lines: {len(truth):,} flights, {len(again):,} of them twice, {STRANGERS} never asked about")


def check() -> None:
    """Writes later.json: rows of the exported set, and how many differ from the join made here."""
    exported = pd.read_parquet(nyc.WORK / "retrain.parquet")
    asked = pd.read_parquet(nyc.WORK / "live.parquet")[list(nyc.REQUEST)]
    wanted = asked.join(known(), how="inner").rename(columns={"late": "truth"})
    difference = differing(exported, wanted)
    said = {
        "rows": len(exported),
        "known": len(wanted),
        "differing": difference,
        "late": float(exported["truth"].mean()),
    }
    (nyc.WORK / "later.json").write_text(json.dumps(said) + "\n")
    print(f"{said['rows']:,} rows for retraining, {difference} of them other than a join made without the journal")
    if difference:
        sys.exit("the exported set is not what was asked and what came of it")


def differing(exported: pd.DataFrame, wanted: pd.DataFrame) -> int:
    """Rows that are not the same in both, by id and row."""
    both = wanted.merge(exported, on=["id", "row"], how="outer", suffixes=("", "_exported"), indicator="found")
    same = np.array(both["found"] == "both")
    for name in (*nyc.REQUEST, "truth"):
        same &= equal(both[name], both[f"{name}_exported"])
    return int((~same).sum())


def equal(one: pd.Series, other: pd.Series) -> Any:
    """Row by row, missing values being alike; times by their moment."""
    if isinstance(one.dtype, pd.DatetimeTZDtype):
        other = pd.to_datetime(other, utc=True).astype(one.dtype)
    return np.asarray((one == other) | (one.isna() & other.isna()))


if __name__ == "__main__":
    {"tell": tell, "check": check}[sys.argv[1]]()
