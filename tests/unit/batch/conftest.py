"""What the tests of batch scoring share: a signature, rows, files of them, and runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.batch.score import ScoreOptions, ScoreReport, score
from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import Problem, TrimtabError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Table

# ruff: noqa: PD011 - `values` is the array of our own Column, no pandas column

SIGNATURE = Signature(
    (
        Field("a", "INT64"),
        Field("b", "FP64", nullable=True),
        Field("c", "BYTES", nullable=True),
        Field("t", "BYTES", kind="datetime", frame="datetime64[us]"),
    ),
    (Field("y", "FP64"), Field("pair", "FP64", (-1, 2)), Field("word", "BYTES")),
)


class Scoring:
    """Rows whose right answers are known, and the ways to score them."""

    signature = SIGNATURE

    @staticmethod
    def predict(table: Table) -> Outputs:
        a = table.columns["a"].values
        return {"y": a * 2.0, "pair": np.stack([a, -a], 1).astype(float), "word": table.columns["c"].values}

    @staticmethod
    def rows(count: int) -> pd.DataFrame:
        numbers = np.arange(count)
        return pd.DataFrame(
            {
                "id": [f"r{number:05}" for number in numbers],
                "a": numbers,
                "b": np.where(numbers % 5 == 0, np.nan, 1.5),
                "c": [None if number % 7 == 0 else f'x,"{number % 9}"\nz' for number in numbers],
                "t": pd.date_range("2024-01-01", periods=count, freq="s", unit="us"),
            }
        )

    @staticmethod
    def write(frame: pd.DataFrame, path: Path) -> Path:
        if path.suffix == ".parquet":
            frame.to_parquet(path, index=False)
        elif path.suffix == ".csv":
            frame.to_csv(path, index=False)
        else:
            with path.open("w") as file:
                for record in frame.astype({"t": str}).to_dict("records"):
                    plain = {key: None if value != value else value for key, value in record.items()}  # noqa: PLR0124 - NaN
                    file.write(json.dumps(plain) + "\n")
        return path

    def run(self, source: Path, **options: Any) -> tuple[ScoreReport, pa.Table]:
        target = source.with_name("out.parquet")
        report = score(self.predict, self.signature, source, target, ScoreOptions(**options))
        with parquet.ParquetFile(target) as file:
            return report, file.read()

    def problems(self, source: Path, target: Path | None = None, **options: Any) -> tuple[Problem, ...]:
        """What the run is refused for; and it leaves nothing behind."""
        folder = source.parent if source.parent.is_dir() else source.parent.parent
        before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        with pytest.raises(TrimtabError) as caught:
            score(
                self.predict, self.signature, source, target or source.with_name("out.parquet"), ScoreOptions(**options)
            )
        assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
        return caught.value.problems

    def spoil(self, source: Path, changes: dict[int, dict[str, Any]]) -> Path:
        """A file of the same rows in which some cells are wrong."""
        frame = self.rows(3000).astype(object)
        frame["t"] = frame["t"].astype(str)
        for row, cells in changes.items():
            for name, value in cells.items():
                frame.loc[row, name] = value
        if source.suffix == ".csv":
            frame.to_csv(source, index=False, quoting=csv.QUOTE_MINIMAL)
        else:
            with source.open("w") as file:
                for record in frame.to_dict("records"):
                    plain = {key: None if value != value else value for key, value in record.items()}  # noqa: PLR0124 - NaN
                    file.write("\n" + json.dumps(plain) + "\n")
        return source


@pytest.fixture
def scoring() -> Scoring:
    return Scoring()
