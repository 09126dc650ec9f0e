"""A forest whose bytes were changed at random never takes the process down, with the kernel that is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trimtab.bundle.kernels import library

# a kernel that reads or writes outside ends it by a signal; every other way out of a load or a call is meant
WALK = """
import faulthandler, json, sys
from pathlib import Path
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from trimtab.bundle.compiled.woods import packed_sklearn
from trimtab.bundle.engines.forest import ForestModel
from trimtab.bundle.forest.file import save
from trimtab.core.errors import UserError
import msgspec
faulthandler.enable()
folder, chance = Path(sys.argv[1]), np.random.default_rng(7)
rows = np.column_stack([np.round(chance.normal(size=(300, 2)), 1), chance.integers(0, 40, 300)])
target = (rows[:, 0] > 0) + (rows[:, 2] > 20) * 1
models = [HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=9, categorical_features=[2]).fit(rows, target),
          RandomForestClassifier(4, max_leaf_nodes=12, random_state=0).fit(rows, target)]
asked = chance.choice([0.0, 1.0, 2.0, -0.5, 1e10, -1e300, np.inf, np.nan, 1e-36, 33.0], (70, 3))
refused = answered = 0
for model in models:
    for method in ("predict", "predict_proba"):
        forest, options = packed_sklearn(model, method)
        path = save(forest, folder)
        data, plain = path.read_bytes(), msgspec.to_builtins(options)
        ends = (25, 25 + int.from_bytes(data[17:25], "little"), len(data))
        for trial in range(1500):
            damaged = bytearray(data)
            low, high = (0, ends[1]) if trial % 4 == 0 else (ends[1], ends[2])
            for at in chance.integers(low, high, chance.integers(1, 5)):
                damaged[at] ^= int(chance.integers(1, 256)) if trial % 2 else 1 << int(chance.integers(0, 8))
            path.write_bytes(damaged)
            changed = dict(plain)
            if trial % 5 == 0:
                key = chance.choice(list(plain))
                changed[key] = [3, 10**9, -1, "widest", "softmax", "sign", None, ["a"], {"7": [1]}][trial // 5 % 9]
            try:
                loaded = ForestModel.load(path, changed)
            except UserError:
                refused += 1
                continue
            for count in (1, 3, 5, 33, 70):
                try:
                    with np.errstate(all="ignore"):
                        (answer,) = loaded(asked[:count]).values()
                    assert len(answer) == count
                except ValueError:
                    pass
            answered += 1
print(refused, answered)
"""


@pytest.mark.skipif(library() is None, reason="needs the native kernel, which was not built here")
def test_changed_bytes_are_refused_or_answered(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WALK, str(tmp_path)], capture_output=True, text=True, check=False, timeout=200
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    refused, answered = map(int, ran.stdout.split())
    assert refused > 2000
    assert answered > 500
