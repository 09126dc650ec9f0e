"""Our forest walk beside the libraries that trained the trees: microseconds a call for 1, 32 and 1000 rows.

The last models are whole pipelines over a table of numbers and texts: our columns and trees, or weights, beside
scikit-learn's. In process, one thread, CPU time of the thread, all ways in turns, another row each call. An answer that
differs in any bit from the library's stops it. Run it with `python benchmarks/forest.py`; prints a Markdown table.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from measure import machine, table
from trimtab.bundle.compiled.convert import convert
from trimtab.bundle.flavours import detect_flavour
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.from_lightgbm import from_lightgbm
from trimtab.bundle.forest.from_sklearn import from_sklearn
from trimtab.bundle.forest.from_xgboost import from_xgboost
from trimtab.core.dtypes import Array

COLUMNS, TREES, LEAVES = 50, 200, 31
SIZES = (1, 32, 1000)
POOL = 4000


@dataclass(frozen=True)
class Way:
    """One way to ask a model; `exact` says that the bits must be those of the first way of its model."""

    model: str
    name: str
    ask: Callable[[Any], Array]
    pool: str = "float64"  # what it is asked with
    exact: bool = True


@dataclass(frozen=True)
class Arrays:
    """The columns of a table, as a server has them."""

    columns: dict[str, Array]

    def __getitem__(self, rows: slice) -> dict[str, Array]:
        """Some of the rows."""
        return {name: values[rows] for name, values in self.columns.items()}


def fast_row(booster: Any) -> Callable[[Array], Array]:
    """LightGBM's C interface for single rows, prepared once, as a server in C would call it."""
    library, handle = lightgbm.basic._LIB, booster._handle  # noqa: SLF001  # there is no public way in
    config, out, length = ctypes.c_void_p(), ctypes.c_double(), ctypes.c_int64()
    settings = (ctypes.c_int(1), ctypes.c_int32(COLUMNS), ctypes.c_char_p(b"num_threads=1"), ctypes.byref(config))
    done = library.LGBM_BoosterPredictForMatSingleRowFastInit(
        handle, ctypes.c_int(0), ctypes.c_int(0), ctypes.c_int(-1), *settings
    )
    assert done == 0

    def ask(rows: Array) -> Array:
        place = ctypes.c_void_p(rows.ctypes.data)
        done = library.LGBM_BoosterPredictForMatSingleRowFast(config, place, ctypes.byref(length), ctypes.byref(out))
        assert done == 0
        return np.array([out.value])

    return ask


def onnx(model: Any) -> Callable[[Array], Array]:
    """ONNX Runtime on the graph that skl2onnx makes of a scikit-learn model."""
    import onnxruntime
    from skl2onnx import to_onnx

    graph = to_onnx(model, np.zeros((1, COLUMNS), np.float32), options={"zipmap": False}).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    name = session.get_outputs()[1].name
    return lambda rows: session.run([name], {"X": rows})[0]


def ours(model: str, forest: Forest, dtype: str) -> list[Way]:
    """The native walk, and the one in numpy."""
    assert forest.native, "the kernel was not built"
    return [
        Way(model, f"trimtab, {dtype} rows", forest.predict, dtype),
        Way(model, f"trimtab in numpy, {dtype} rows", Forest(forest.tables, forest.facts, native=False).predict, dtype),
    ]


def ways() -> list[Way]:
    """Trained models and all ways to ask them; the library's own is the first of each."""
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(20_000, COLUMNS)).astype(np.float32)
    target = rows[:, :10].sum(axis=1) + rows[:, 3] * rows[:, 4] + chance.normal(size=len(rows)) > 0
    params = {"objective": "binary", "num_leaves": LEAVES, "verbose": -1, "num_threads": 2}
    lgb = lightgbm.train(params, lightgbm.Dataset(rows, target), TREES)
    shape = {"max_depth": 0, "max_leaves": LEAVES, "grow_policy": "lossguide", "nthread": 1}
    xgb = xgboost.train({"objective": "binary:logistic", **shape}, xgboost.DMatrix(rows, target), TREES)
    hist = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=LEAVES, early_stopping=False)
    hist.fit(rows, target)
    deep = RandomForestClassifier(100, random_state=0, n_jobs=1).fit(rows[:8000], target[:8000])
    return [
        Way("LightGBM", "LightGBM `Booster.predict`", lambda asked: lgb.predict(asked, num_threads=1)),
        Way("LightGBM", "LightGBM C, single row fast", fast_row(lgb)),
        *ours("LightGBM", from_lightgbm(lgb), "float64"),
        *ours("LightGBM", from_lightgbm(lgb, "float32"), "float32"),
        Way("XGBoost", "XGBoost `inplace_predict`", xgb.inplace_predict, "float32"),
        *ours("XGBoost", from_xgboost(xgb), "float32"),
        Way("HistGradientBoosting", "scikit-learn `predict_proba`", hist.predict_proba),
        *ours("HistGradientBoosting", from_sklearn(hist), "float64"),
        Way("RandomForest, 100 deep trees", "scikit-learn `predict_proba`", deep.predict_proba, "float32"),
        Way("RandomForest, 100 deep trees", "ONNX Runtime", onnx(deep), "float32", exact=False),
        *ours("RandomForest, 100 deep trees", from_sklearn(deep), "float32"),
    ]


def tabular(count: int, seed: int) -> pd.DataFrame:
    """Twenty numbers, some of them missing, and two columns of texts."""
    chance = np.random.default_rng(seed)
    made = pd.DataFrame(chance.normal(3.0, 2.0, (count, 20)), columns=[f"x{at}" for at in range(20)])
    made = made.mask(chance.integers(0, 20, made.shape) == 0)
    return made.assign(plan=chance.choice(["basic", "plus", "pro"], count), town=chance.choice([*"abcdefgh"], count))


def pipelines() -> list[Way]:
    """Preprocessing and a model: the pipeline itself, and what packaging makes of it."""
    frame = tabular(5000, 2)
    late = (frame["x0"].fillna(0) + (frame["plan"] == "pro") > 3).astype(int)  # noqa: PLR2004  # about half of them
    numbers, texts = list(frame.columns[:20]), ["plan", "town"]
    encoder = (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts)
    plain = make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), numbers), encoder)
    squares = make_pipeline(SimpleImputer(), StandardScaler(), PolynomialFeatures(2))
    trees = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=LEAVES, early_stopping=False)
    found = []
    for name, steps, model in (
        ("scaler and encoder, then HistGradientBoosting", plain, trees),
        ("squares and encoder, then LogisticRegression", make_column_transformer((squares, numbers), encoder), None),
    ):
        pipeline = make_pipeline(steps, model or LogisticRegression(max_iter=2000)).fit(frame, late)
        opened = detect_flavour(pipeline).open(pipeline, "predict_proba")
        with TemporaryDirectory() as folder:
            made = convert("sklearn", opened, {"method": "predict_proba"}, frame, Path(folder))
        stages = " and ".join(stage.kind for stage in made.stages)
        ours = lambda asked, made=made: made.model(asked)["probability"]  # noqa: E731
        found += [
            Way(
                name,
                "scikit-learn `predict_proba`",
                lambda asked, one=pipeline: one.predict_proba(asked)[:, 1],
                "frame",
            ),
            Way(name, f"trimtab, {stages}", ours, "arrays", exact=model is not None),
        ]
    return found


def once(way: Way, pool: Any, size: int, calls: int, first: int) -> float:
    """Microseconds of CPU a call, over calls that each ask other rows."""
    begin = time.thread_time()
    for call in range(calls):
        at = (first + call * size) % (POOL - size)
        way.ask(pool[at : at + size])
    return (time.thread_time() - begin) / calls * 1e6


def check(all_ways: list[Way], pools: dict[str, Any]) -> None:
    """A fast wrong answer is worth nothing."""
    for way in all_ways:
        library = next(one for one in all_ways if one.model == way.model)
        for at in range(20):
            found, wanted = way.ask(pools[way.pool][at : at + 1]), library.ask(pools[library.pool][at : at + 1])
            same = np.array_equal(found, wanted) if way.exact else np.allclose(found, wanted, atol=1e-5)
            assert same, f"{way.name} answers otherwise: {found} instead of {wanted}"


def main() -> None:
    """Measures all ways in turns and prints the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    turns = parser.parse_args().turns
    all_ways = [*ways(), *pipelines()]
    single = np.random.default_rng(1).normal(size=(POOL, COLUMNS)).astype(np.float32)
    frame = tabular(POOL, 3)
    arrays = Arrays({name: frame[name].to_numpy() for name in frame.columns})
    pools = {"float32": single, "float64": single.astype(np.float64), "frame": frame, "arrays": arrays}
    check(all_ways, pools)
    seen: dict[tuple[str, str, int], list[float]] = {}
    for turn in range(turns + 1):
        for way in all_ways:
            for size in SIZES:
                if size > 1 and "single row" in way.name:
                    continue
                slow = "numpy" in way.name or "scikit" in way.name
                calls = max(1, (20 if slow else 500) // size)
                spent = once(way, pools[way.pool], size, calls, turn * 131)
                if turn:  # the first one warms up
                    seen.setdefault((way.model, way.name, size), []).append(spent)
    medians = {key: statistics.median(values) for key, values in seen.items()}
    lines = []
    for way in all_ways:
        library = next(one.name for one in all_ways if one.model == way.model)
        line = [way.model, way.name]
        for size in SIZES:
            mine = medians.get((way.model, way.name, size))
            line.append(f"{mine:,.1f} ({medians[way.model, library, size] / mine:.1f}x)" if mine else "")
        most = medians.get((way.model, way.name, SIZES[-1]))
        lines.append([*line, f"{SIZES[-1] / most * 1e6:,.0f}" if most else ""])
    print(f"{machine()}; {turns} turns, medians, CPU us a call (times the library)\n")
    print(
        table(["model", "asked through", "1 row", *(f"{size} rows" for size in SIZES[1:]), "rows a CPU second"], lines)
    )


if __name__ == "__main__":
    main()
