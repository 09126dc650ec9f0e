"""The bundles of `mischief/model.py`, two that differ by one digest, two well-behaved ones, and bodies for them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from environments import HERE, WORK
from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

STORE = WORK / "mischief"
NAME = "naughty"
PATH = f"/v1/models/{NAME}/rows"
RAISE, CRASH, EXIT, HANG, LEAK, BUSY_MS = 1001, 1002, 1003, 1004, 1005, 2000


def bundles(do: float = 0.0) -> list[str]:
    """Packages both, with golden rows that do this; their digests. `latest` is the last one."""
    digests = []
    for version in range(2):
        root = STORE / f"source{version}"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(HERE / "mischief", root)
        with (root / "model.py").open("a") as file:
            file.write(f"\nVERSION = {version}\n")
        sample = {"x": np.array([1.0, 2.0, -3.0]), "do": np.full(3, do)}
        sys.modules.pop("model", None)
        recipe = Recipe(name=NAME, root=root, model="model:predict", sample=sample, lock="off", compile=False)
        digests.append(package(recipe, Store(STORE)).digest)
    return digests


def compiled() -> list[str]:
    """Packages two linear models that answer the same, of the same name; they run inside of the serving process."""
    from sklearn.linear_model import LinearRegression

    digests = []
    for version in range(2):
        model = LinearRegression().fit(np.eye(2), np.zeros(2))
        model.coef_, model.intercept_ = np.array([2.0, float(version)]), 0.0
        sample = {"x": np.array([1.0, 2.0, -3.0]), "do": np.zeros(3)}
        bundle = package(Recipe(name=NAME, root=STORE, model=model, sample=sample, lock="off"), Store(STORE))
        assert bundle.inline, "it was to be compiled"
        digests.append(bundle.digest)
    return digests


def body(x: float, do: float = 0.0) -> bytes:
    """One row."""
    return json.dumps([{"x": x, "do": do}]).encode()


def launched(python: Path, **settings: object) -> list[str]:
    """The command line of a server of it."""
    return [str(python), str(HERE / "launch.py"), str(STORE), NAME, json.dumps(settings)]
