"""The demo's model behind FastAPI, as a FastAPI user would write it: the same model file, the same preparation."""

import sys
from pathlib import Path

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

DEMO = Path(__file__).parents[3] / "demo"
sys.path.insert(0, str(DEMO))

from flights.prepare import features  # noqa: E402  found through the line above

app = FastAPI()
model = joblib.load(DEMO / "scratch/model.joblib")


class Flight(BaseModel):
    """What a client knows at the scheduled departure."""

    year: int
    month: int
    day: int
    sched_dep_time: int
    sched_arr_time: int
    carrier: str
    flight: int
    tailnum: str | None
    origin: str
    dest: str
    distance: int
    time_hour: str


@app.post("/predict")
def predict(flights: list[Flight]) -> list[float]:
    """The chance of being late, for each flight."""
    rows = [flight.model_dump() for flight in flights]
    columns = {name: np.array([row[name] for row in rows]) for name in Flight.model_fields}
    chances: list[float] = model.predict_proba(features(columns))[:, 1].tolist()
    return chances
