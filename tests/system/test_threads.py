"""Native libraries in a server use as many threads as their share of the processors, and say so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request

from trimtab.server.threads import POOLS, cores

MODEL = """
import numpy as np

def predict(rows):
    return np.outer(rows["x"], [1.0, 2.0]) @ np.ones(2)
"""


def probed(workshop, start, port, workers, **said):
    """What the metrics of a server with so many workers say of the native pools in them."""
    folder = str(workshop.root / "bundle")
    command = ["trimtab", "serve", folder, "--port", str(port), "--processes", "1", "--workers", str(workers)]
    unset = dict.fromkeys(POOLS, "")
    child = start(*command, cwd=workshop.root, env=unset | said)
    child.wait_until(lambda: "page" in child.out)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    child.stop()
    found = re.findall(r'trimtab_native_threads{model="small",pool="(\w+)"} ([\d.]+)', text)
    return {pool: float(count) for pool, count in found}


def test_native_pools_have_their_share_of_the_processors_or_what_the_user_says(workshop, start, free_port):
    workshop.write(model=MODEL)
    workshop.lock_everything()
    shutil.copytree(workshop.package().folder, workshop.root / "bundle")
    share = float(max(1, cores()))
    assert probed(workshop, start, free_port, 1) == {"openblas": share}
    assert probed(workshop, start, free_port, 8) == {"openblas": 1.0}
    assert probed(workshop, start, free_port, 1, OPENBLAS_NUM_THREADS="3") == {"openblas": min(3.0, share)}


def test_the_pool_of_openmp_is_asked_itself():
    probe = """
import ctypes, importlib.metadata
from trimtab.server.pools import native_threads
files = importlib.metadata.files("scikit-learn")
ctypes.CDLL(str(next(file for file in files if "libgomp" in file.name).locate()))
print(native_threads().get("openmp"))
"""
    for said in ("1", "3"):
        environ = os.environ | {"OMP_NUM_THREADS": said}
        ran = subprocess.run([sys.executable, "-c", probe], env=environ, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == said
