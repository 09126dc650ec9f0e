"""Checks for real: a bundle in a process, a server of it under load, tests by pytest; each finds a planted fault."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trimtab.core.attestations import Attestation
from trimtab.core.table import Column, Table
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.bench import RealBench
from trimtab.ops.check.run import run_checks
from trimtab.ops.check.subject import CannotError, Deployed, Subject
from trimtab.project.check import CheckPart
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import Limit

MODEL = """
import os
import numpy as np

def predict(rows):
    x = np.asarray(rows["x"])
    if (x == 13).any():
        raise ValueError("no thirteen")
    if (x == 66).any():
        os._exit(3)
    return x * 2.0
"""
OWN = """
def doubled(rows):
    print('hello')
    return rows['x'] * 2

def breaks(rows):
    raise KeyError('zone')
"""
TESTS = {
    "good/test_prepare.py": "import own\n\ndef test_it():\n    assert own.doubled({'x': 2}) == 4\n",
    "bad/test_prepare.py": "def test_it():\n    assert 1 == 2\n",
    "none/test_prepare.py": "X = 1\n",
    "slow/test_prepare.py": "import time\n\ndef test_it():\n    time.sleep(60)\n",
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory, workshops):
    """A project, its bundle, and one bench for all tests of this file."""
    workshop = workshops(tmp_path_factory.mktemp("checked"))
    workshop.write(TESTS, model=MODEL, own=OWN)
    (workshop.root / "conftest.py").write_text("")
    bundle = workshop.package(lock="off", container="arrays", sample={"x": [1.0, 2.0, 3.0]})
    with RealBench(workshop.store.root, workshop.root, {"processes": 1}) as bench:
        yield Subject(bundle, workshop.root), bench


def check(stand, kind, **said) -> Attestation:
    subject, bench = stand
    limits = said.pop("limits", ())
    made = run_checks([kind], replace(subject, wanted=CheckPart(**said), limits=limits), bench, lambda: 1.0)
    return made[0]


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def table(*values: float) -> Table:
    return Table({"x": Column(np.array(values, float))}, len(values))


def test_a_bundle_in_its_process_answers_no_rows_too_and_comes_back_after_it_died(stand):
    subject, bench = stand
    ask = bench.ask(subject.bundle)
    assert ask(table())[subject.bundle.signature.outputs[0].name].shape == (0,)
    with pytest.raises(NoAnswerError, match=r"row 1: ValueError at model\.py:8 in predict: no thirteen"):
        ask(table(1, 13, 2))
    with pytest.raises(NoAnswerError, match="crashed"):
        ask(table(66))
    assert next(iter(ask(table(4)).values())).tolist() == [8.0]


def test_the_golden_rows_are_replayed_and_the_bundle_keeps_to_the_protocol(stand):
    assert check(stand, "golden").verdict == "PASS"
    contract = check(stand, "contract")
    assert [(one.name, one.verdict, one.says) for one in contract.measures if one.verdict != "PASS"] == []
    assert len(contract.measures) == 6


def test_what_a_model_cannot_answer_is_found_and_what_it_can_passes(stand):
    found = {one.name: one.verdict for one in check(stand, "model").measures}
    assert {found[name] for name in ("no rows", "order", "alone", "nulls", "extremes")} == {"PASS"}


@pytest.mark.parametrize(("most", "verdict"), [(60.0, "PASS"), (1e-6, "FAIL")])
def test_a_server_under_load_is_held_to_its_limits(stand, most, verdict):
    made = check(stand, "load", seconds=0.5, connections=2, limits=(Limit("p99", at_most=most),))
    assert {one.name: one.verdict for one in made.measures}["p99"] == verdict
    assert {one.name: one.verdict for one in made.measures}["errors"] == "PASS"
    assert made.facts["machine"]["processors"]


@pytest.mark.parametrize(
    ("name", "verdict"), [("good", "PASS"), ("bad", "FAIL"), ("none", "UNKNOWN"), ("slow", "UNKNOWN")]
)
def test_the_projects_own_tests_are_run_by_pytest(stand, name, verdict):
    timeout = 1.0 if name == "slow" else 60.0
    made = check(stand, "tests", tests=stand[0].folder / name, timeout=timeout)
    assert made.verdict == verdict, made.measures


def test_a_function_of_the_project_is_called_in_a_process_of_its_own(stand):
    _, bench = stand
    assert [bench.value("own:doubled", {"rows": {"x": np.array([at, 2.0])}}) for at in (1.0, 3.0)] == [
        [2.0, 4.0],
        [6.0, 4.0],
    ]
    with pytest.raises(CannotError, match="`own:breaks` fails: KeyError: 'zone'"):
        bench.value("own:breaks", {"rows": {"x": np.array([1.0])}})


@pytest.mark.parametrize(("digest", "failed"), [("", set()), (f"sha256:{'0' * 64}", {"digest"})])
def test_a_deployed_endpoint_is_asked_over_http(stand, digest, failed):
    subject, bench = stand
    wire = bench.wire(subject.bundle)
    meant = replace(subject.bundle, digest=digest or subject.bundle.digest)
    both = {"staging": Environment("staging"), "prod": Environment("prod")}
    one = replace(
        subject, bundle=meant, deployed=Deployed("http://churn", wire, wire), environment="prod", environments=both
    )
    found = {one.name: one.verdict for one in run_checks(["smoke"], one, bench, lambda: 1.0)[0].measures}
    assert {name for name, verdict in found.items() if verdict == "FAIL"} == failed
    assert (found["golden"], found["auth"], found["settings"]) == ("PASS", "WARN", "PASS")


def test_nothing_is_left_running(stand):
    subject, _ = stand
    before = children()
    with RealBench(subject.folder / ".trimtab", subject.folder, {}) as bench:
        bench.wire(subject.bundle)
        bench.ask(subject.bundle)(table(1))
        bench.value("own:doubled", {"rows": {"x": np.array([1.0])}})
        assert len(children() - before) == 3
    assert children() <= before
