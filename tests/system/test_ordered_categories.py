"""A preparation that compares ordered categories, from the sample through the clean process to the answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from trimtab.bundle.data.arrow import to_table
from trimtab.core.check import SignatureError, check
from trimtab.core.errors import UserError
from trimtab.core.signature import Field

MODEL = """
def predict(rows):
    least = rows["level"].min() if rows["level"].notna().any() else 0
    assert rows["size"].cat.ordered and list(rows["size"].cat.categories) == ["S", "M", "L", "XL"]
    return {"large": (rows["size"] >= "M").to_numpy(), "least": [float(least <= 30)] * len(rows)}
"""
SIZES = ["S", "M", "L", "XL"]


def sample() -> pd.DataFrame:
    """`XL` is a category that no row has; the levels are numbers, in an order of their own."""
    size = pd.Categorical(["S", "M", "L", None], SIZES, ordered=True)
    return pd.DataFrame({"size": size, "level": pd.Categorical([30, 10, 20, None], [30, 20, 10], ordered=True)})


def answers(bundle: Any, sizes: list[str | None]) -> list[bool]:
    table = check(bundle.signature, {"size": sizes, "level": [10] * len(sizes)})
    large: list[bool] = bundle.load()(table)["large"].tolist()
    return large


@pytest.mark.parametrize("suffix", ["", ".parquet"])
def test_categories_are_compared_in_production_as_in_training(workshop: Any, suffix: str) -> None:
    workshop.write(model=MODEL)
    given: object = sample()
    levels = {}
    if suffix:
        given = workshop.root / f"sample{suffix}"
        sample().to_parquet(given)  # Parquet keeps categories of text only: the others are declared
        levels = {"level": {"categories": [30, 20, 10], "frame": "category[ordered]"}}
    bundle = workshop.package(sample=given, inputs=levels, lock="off")
    assert bundle.signature.input("size").frame == bundle.signature.input("level").frame == "category[ordered]"
    assert bundle.golden().outputs["large"].tolist() == [False, True, True, False]
    assert answers(bundle, ["XL", "S", None, "M"]) == [True, False, False, True]
    with pytest.raises(SignatureError, match="unseen category"):
        answers(bundle, ["XXL"])
    import pyarrow as pa

    rows = pa.Table.from_pandas(sample())
    assert bundle.load()(to_table(rows, bundle.signature))["large"].tolist() == [False, True, True, False]


def test_the_order_is_declared_in_the_project_file(workshop: Any) -> None:
    from trimtab.project.read import read_project

    (workshop.root / "trimtab.toml").write_text(
        'name = "small"\n[model]\npath = "model:predict"\n[signature.inputs.size]\n'
        'categories = ["S", "M", "L", "XL"]\nframe = "category[ordered]"\n'
    )
    workshop.write({"sample.csv": "size,level\nS,1\nM,2\n,3\n"}, model=MODEL)
    declared = read_project(workshop.root).inputs
    bundle = workshop.package(sample=workshop.root / "sample.csv", inputs=declared, lock="off")
    assert bundle.signature.input("size") == Field("size", "BYTES", (-1,), True, None, None, tuple(SIZES),
                                                   frame="category[ordered]")  # fmt: skip
    assert answers(bundle, ["XL", "S"]) == [True, False]


def test_an_order_without_categories_is_refused(workshop: Any) -> None:
    workshop.write(model=MODEL)
    frame = pd.DataFrame({"size": ["S", "M"], "level": [1, 2]})
    with pytest.raises(UserError, match="needs `categories`, from the least to the greatest"):
        workshop.package(sample=frame, inputs={"size": {"frame": "category[ordered]"}}, lock="off")
