"""User code that does not come back: packaging ends all the same, says where it was, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from tests.system.conftest import Workshop

from trimtab.bundle.making.recipe import Limits
from trimtab.core.errors import UserError

DOUBLE = "def predict(data):\n    return [2 * value for value in data['x'].tolist()]\n"
# starts a process and waits for it when there are more rows than in the sample
PATIENT = """
import subprocess
import sys
from pathlib import Path


def clean(arrays):
    if len(arrays["x"]) > 100:
        child = subprocess.Popen(["sleep", "1000"])
        print(f"started {child.pid}", file=sys.stderr, flush=True)
        Path(MARK).write_text(str(child.pid))
        child.wait()
    return arrays["x"].reshape(-1, 1)
"""
CRASHING = """
import ctypes


def clean(arrays):
    if len(arrays["x"]) > 100:
        ctypes.string_at(0)
    return arrays["x"].reshape(-1, 1)
"""
LIMITS = Limits(step_s=60, trial_s=6)


def is_there(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Whether it has ended, or does soon."""
    until = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_there(pid)


def packaged(workshop: Workshop, prepare: str) -> str:
    """Packages a linear model behind the preparation; what was said of its compiled form."""
    workshop.write(ready=prepare)
    rows = np.arange(20.0)
    bundle = workshop.package(
        model=LinearRegression().fit(rows.reshape(-1, 1), rows), prepare="ready:clean", sample={"x": rows}, lock="off",
        limits=LIMITS,
    )  # fmt: skip
    assert bundle.plan is None
    return next(text for topic, text in workshop.said if topic == "compiled")


def test_a_model_that_hangs_on_rows_made_up_for_the_trial_stays_as_it_is(workshop, tmp_path):
    mark = tmp_path.with_name("mark")
    said = packaged(workshop, PATIENT.replace("MARK", repr(str(mark))))
    assert "took longer than 6 s" in said
    assert said.startswith("no: ")
    assert said.endswith("at code/ready.py:12 in clean")
    assert gone(int(mark.read_text()))


def test_a_model_that_takes_its_process_along_in_the_trial_stays_as_it_is(workshop):
    said = packaged(workshop, CRASHING)
    assert "ended with status -11" in said
    assert said.endswith("at code/ready.py:7 in clean")


@pytest.mark.parametrize("waiting", ["threading.Event().wait()", "[0 for _ in iter(int, 1)]"])
def test_golden_rows_that_are_never_answered_are_an_error_that_says_where(workshop, waiting):
    workshop.write(model=f"import threading\n\n\ndef predict(data):\n    {waiting}\n")
    with pytest.raises(UserError) as caught:
        workshop.package(limits=Limits(step_s=0.5))
    (problem,) = caught.value.problems
    assert problem.code == "P288"
    assert problem.what.startswith("the golden rows cannot be predicted: it did not come back within 0.5 s\n")
    assert problem.where == f"{workshop.root}/model.py:5"
    assert problem.hint
    assert workshop.left_over() == []


def test_preparation_that_hangs_while_it_is_imported_is_named_and_ends_with_its_processes(workshop, tmp_path):
    mark = tmp_path.with_name("mark")
    workshop.write(
        model=DOUBLE,
        ready="import os\nfrom pathlib import Path\n\n"
        "pid = os.spawnlp(os.P_NOWAIT, 'sh', 'sh', '-c', 'sleep 1000; :')\n"
        f"Path({str(mark)!r}).write_text(str(pid))\nos.waitpid(pid, 0)\n\n\ndef clean(data):\n    return data\n",
    )
    with pytest.raises(UserError) as caught:
        workshop.package(prepare="ready:clean", limits=Limits(step_s=0.5))
    (problem,) = caught.value.problems
    assert problem.code == "P288"
    assert problem.what.startswith("`ready:clean` cannot be imported: it did not come back")
    assert gone(int(mark.read_text()))


def test_a_clean_process_ends_when_the_packaging_is_killed(workshop, tmp_path):
    mark = tmp_path.with_name("mark")
    workshop.write(
        model="import os\nimport sys\nimport time\nfrom pathlib import Path\n\n\ndef predict(data):\n"
        "    if sys.flags.isolated:\n"
        f"        Path({str(mark)!r}).write_text(f'{{os.getpid()}}\\n')\n        time.sleep(1000)\n"
        "    return data['x']\n",
    )
    (workshop.root / "trimtab.toml").write_text('name = "small"\n\n[model]\npath = "model:predict"\ngolden = "s.csv"\n')
    (workshop.root / "s.csv").write_text("x\n1\n2\n")
    started = subprocess.Popen([sys.executable, "-m", "trimtab", "package"], cwd=workshop.root)
    try:
        until = time.monotonic() + 60
        while not (mark.is_file() and mark.read_text().endswith("\n")) and time.monotonic() < until:
            time.sleep(0.05)
        pid = int(mark.read_text())
        assert is_there(pid)
    finally:
        os.kill(started.pid, signal.SIGKILL)
        started.wait()
    assert gone(pid)
