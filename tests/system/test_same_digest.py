"""The same inputs give the same bundle: on another path, for another user, in another time zone, at another date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.system.others import NOBODY

PROGRAM = """
import json, os, sys, time
from pathlib import Path

root, umask, later = Path(sys.argv[1]), int(sys.argv[2], 8), float(sys.argv[3])
os.umask(umask)
now = time.time
time.time = lambda: now() + later  # another date: what asks for the time gets another one
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

chance = np.random.default_rng(1)
frame = pd.DataFrame({"tenure": chance.integers(0, 60, 50), "plan": chance.choice(["basic", "plus", "pro"], 50)})
sys.path.insert(0, str(root))
import prepare
model = RandomForestClassifier(5, random_state=0).fit(prepare.clean(frame), chance.integers(0, 3, 50))
sys.path.pop(0)
store = Store(root / ".trimtab")
bundles = [
    package(Recipe(name="forest", root=root, model=model, prepare="prepare:clean", sample=frame, include=("*.json",),
                   compared=5000, data=(root / "plans.json",), metrics={"auc": 0.1 + 0.2}), store),
    package(Recipe(name="plain", root=root, model="plain:predict", sample=root / "rows.csv"), store),
]
print(json.dumps([[bundle.digest, str(bundle.folder), os.getuid()] for bundle in bundles]))
"""
FILES = {
    "prepare.py": (
        "import json\nfrom pathlib import Path\n\n"
        "PLANS = json.loads((Path(__file__).parent / 'plans.json').read_text())\n\n\n"
        "def clean(frame):\n    return frame.assign(plan=frame['plan'].map(PLANS))\n"
    ),
    "plans.json": '{"basic": 1, "plus": 2, "pro": 3}',
    "plain.py": "def predict(frame):\n    return {'b': frame['x'] * 2, 'a': [f'{{{v}}}' for v in frame['x']]}\n",
    "rows.csv": "x\n1.5\n2.5\n",
}


def packaged(tools: tuple[Path, Path], folder: Path, user: int, date: tuple[str, float], environment: dict[str, str]):
    """Digest and folder of each bundle that a process of that user makes of the same files."""
    (python, lock), (umask, later_s) = tools, date
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
        os.utime(folder / name, (later_s, later_s))
    shutil.copy(lock, folder / "requirements.lock")
    for path in (folder, *folder.iterdir()):
        os.chown(path, user, user)
    base = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(python.parents[1] / "lib"), "HOME": str(folder)}
    done = subprocess.run(
        [str(python), "-c", PROGRAM, str(folder), umask, str(later_s)],
        user=user, group=user, extra_groups=[], cwd="/", env={**base, **environment},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def contents(folder: str) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file by its relative name."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.root
def test_two_users_on_two_paths_at_two_dates_build_the_same_bytes(ground, python, workshop):
    workshop.lock_everything()
    tools = (python, workshop.root / "requirements.lock")
    here = packaged(tools, ground / "a", 0, ("022", 0.0), {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C"})
    there = packaged(
        tools, ground / "elsewhere, ünder" / "b", NOBODY, ("077", 400 * 86400.0),
        {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "12345", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert [user for _, _, user in here + there] == [0, 0, NOBODY, NOBODY]
    assert [digest for digest, _, _ in here] == [digest for digest, _, _ in there]
    for (_, one, _), (_, other, _) in zip(here, there, strict=True):
        assert contents(one) == contents(other)
        assert len(contents(one)) >= 5
        assert not any(str(ground).encode() in data for _, data in contents(one).values())
