"""The models of the workloads as bundles: `python benchmarks/bundles.py MODELS STORE`; prints name -> folder.

A matrix in, as the peers take it. What the packager does by default is done, nothing more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

FILES = {"linear": "linear.joblib", "boosting": "boosting.txt", "mlp": "mlp.onnx"}
SAMPLE = 64


def bundles(models: Path, store: Path) -> dict[str, str]:
    """Packages all three; their folders."""
    found = {}
    for name, file in FILES.items():
        with np.load(models / f"{name}.npz") as kept:
            sample = kept["rows"][:SAMPLE]
        # every bundle is called `model`, as every peer's model is
        recipe = Recipe(name="model", root=models, model=models / file, sample=sample, lock="off")
        found[name] = str(package(recipe, Store(store)).folder.resolve())
    return found


if __name__ == "__main__":
    print(json.dumps(bundles(Path(sys.argv[1]), Path(sys.argv[2]))))
