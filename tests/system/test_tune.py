"""`trimtab tune` for real: servers, load, a killed run that goes on, a wrong answer, and nothing left running."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from trimtab.ops.tune.curve import measure
from trimtab.ops.tune.leash import end, leashed
from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.subject import subject_of
from trimtab.ops.tune.trial import Stand, connections_of

MODEL = "def predict(rows):\n    return rows['x'] * 2\n"
PROJECT = '# mine\nname = "small"\n[model]\npath = "model:predict"\n\n[server]\nprocesses = 1  # for now\n'
TUNE = (sys.executable, "-m", "trimtab", "tune", "small", "--goal", "p99=2s", "--connections", "2")


@pytest.fixture
def small(workshop):
    workshop.write({"trimtab.toml": PROJECT}, model=MODEL)
    workshop.lock_everything()
    return workshop.package(lock="off")


def tune(workshop, *words, **said):
    ran = subprocess.run(
        [*TUNE, *words], cwd=workshop.root, capture_output=True, text=True, timeout=120, check=False, **said
    )
    return ran.returncode, ran.stdout, ran.stderr


def running(root: Path) -> list[str]:
    """Command lines of what still runs over this store."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(root) in words:
            found.append(words)
    return found


def until(true) -> None:
    late = time.monotonic() + 60
    while not true():
        assert time.monotonic() < late
        time.sleep(0.01)


@pytest.mark.usefixtures("small")
def test_a_killed_run_leaves_nothing_running_and_the_next_one_goes_on_and_writes(workshop):
    state = workshop.root / ".trimtab" / "tune" / "small.json"
    child = subprocess.Popen(
        [*TUNE, "--budget", "60s"], cwd=workshop.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until(lambda: state.exists() and len(json.loads(state.read_bytes())["trials"]) >= 2)
    assert running(workshop.root)
    child.send_signal(signal.SIGKILL)
    child.wait()
    kept = json.loads(state.read_bytes())["trials"]
    until(lambda: not running(workshop.root))

    status, out, err = tune(workshop, "--budget", "8s", "--json", "--write", "--price", "1/h")
    assert (status, "trials of an earlier run" in err) == (0, True), err
    assert json.loads(state.read_bytes())["trials"][: len(kept)] == kept
    said = json.loads(out)
    assert said["met"] is True
    assert said["best"]["engine"] == "workers"
    assert said["sustained_per_s"] > 0
    assert said["cost_of_a_million"] == pytest.approx(1 / 3600 / said["sustained_per_s"] * 1e6)
    text = (workshop.root / "trimtab.toml").read_text()
    assert tomllib.loads(text)["server"] == said["best"]
    assert text.startswith("# mine\n")
    assert "  # for now\n" in text
    assert running(workshop.root) == []

    status, _, err = tune(workshop, "--budget", "5s", "--rows", "2", "--json")
    assert status == 0
    assert "discarded" in err
    assert "golden rows a request was `1`" in err


@pytest.mark.usefixtures("small")
def test_no_setting_within_the_goal_is_status_one_with_the_nearest(workshop):
    status, out, err = tune(workshop, "--goal", "p50=0.001ms", "--budget", "5s", "--json")
    assert status == 1
    assert json.loads(out)["nearest"]["seconds"] > 1e-6
    assert "P806" in err


def test_settings_that_fail_or_answer_wrongly_are_out_by_name(workshop, small):
    subject = subject_of(small, workshop.store.root, 1)
    good = Setting("workers", 1, 1, 1, 0.05)
    with Stand(subject, {}, 2, 0.1) as stand:
        right = stand.visit(0, 0, good)
        assert right.fault == ""
        assert [level.connections for level in right.levels] == [1, 2]
        assert all(level.requests > 0 and 0 < level.p50 <= level.p95 <= level.p99 for level in right.levels)
        level = stand.check(good, 50.0, 1.0)
        assert level is not None
        assert 10 < level.requests < 120
        subject.golden.outputs[small.signature.outputs[0].name][:] += 1
        assert "golden row" in stand.visit(0, 1, good).fault
    with Stand(subject, {"rows": 0}, 2, 0.1) as stand:
        assert stand.visit(0, 0, good).fault.startswith("no server: ")
    assert running(workshop.root) == []


def test_a_leashed_program_ends_with_its_parent(tmp_path):
    script = (
        "import sys, time; from trimtab.ops.tune.leash import leashed; "
        "code = 'import time; print(1, flush=True); time.sleep(60)'; "
        "child = leashed([sys.executable, '-c', code], sys.stderr.buffer); "
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    parent.kill()
    parent.communicate()
    until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())
    with (tmp_path / "said").open("wb") as said:
        mine = leashed([sys.executable, "-c", "import time; time.sleep(60)"], said)
        end(mine)
    assert mine.returncode is not None


def test_calls_are_measured_up_to_those_that_take_too_long(small):
    now = [0.0]

    def slow(table):
        now[0] += 0.01 * table.height
        return {}

    points = measure(slow, small.golden().inputs, lambda: now[0])
    assert points == pytest.approx({1: 0.01, 4: 0.04, 16: 0.16, 64: 0.64})
    assert connections_of(64) == (1, 4, 16, 64)
    assert connections_of(10) == (1, 4, 10)
    assert connections_of(1) == (1,)


@pytest.mark.usefixtures("small")
def test_user_python_that_is_told_to_run_inline_is_refused(workshop):
    (workshop.root / "trimtab.toml").write_text(PROJECT + 'engine = "inline"\n')
    command = [sys.executable, "-m", "trimtab", "serve", "small", "--port", "0"]
    ran = subprocess.run(command, cwd=workshop.root, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, "P308" in ran.stderr) == (2, True)
