"""What a bundle's lock says of this machine, and how a refusal is told; a whole check is in cli/test_check.py."""

from importlib.metadata import version
from pathlib import Path

import pytest

from trimtab.bundle.check import _with_lock, check_bundle, listed, state_of
from trimtab.bundle.proof.prove import Failure, Mismatch, Proof
from trimtab.core.errors import Problem, RefusedError, UserError

FOLDER = Path("/bundle")
REFUSED = RefusedError(Problem("P257", "no module"))
FAILED = Proof(failure=Failure("load", "ModuleNotFoundError", "no module"))


def test_a_damaged_bundle_is_refused_before_anything_is_said_or_run(tmp_path, write_bundle):
    write_bundle(tmp_path)
    (tmp_path / "model" / "weights").write_bytes(b"")
    said = []
    with pytest.raises(UserError, match="P209"):
        check_bundle(tmp_path, lambda *words: said.append(words))
    assert said == []


def test_what_is_not_installed_or_in_another_version_is_told_apart():
    here = version("numpy")
    absent, other = state_of({"numpy": here, "packaging": "0.1", "no-such-distribution": "1.0"})
    assert absent == ["no-such-distribution==1.0"]
    assert other == [f"packaging {version('packaging')} for 0.1"]


def test_requirements_that_are_absent_come_before_what_they_caused():
    error = _with_lock(REFUSED, FAILED, ["a==1"], FOLDER / "requirements.txt")
    assert [problem.code for problem in error.problems] == ["P286", "P257"]
    assert error.problems[0].hint == "`pip install --no-deps -r /bundle/requirements.txt`"


@pytest.mark.parametrize(
    ("proof", "absent"), [(FAILED, []), (Proof(mismatch=Mismatch("y", 0, "1", "2", alone=False)), ["a==1"])]
)
def test_a_refusal_with_another_cause_stays_as_it_is(proof, absent):
    assert _with_lock(REFUSED, proof, absent, FOLDER) is REFUSED


@pytest.mark.parametrize(
    ("count", "text"), [(1, "`0`"), (5, "`0`, `1`, `2`, `3`, `4`"), (7, "`0`, `1`, `2`, `3`, `4` and 2 more")]
)
def test_a_long_list_is_cut(count, text):
    assert listed([str(number) for number in range(count)]) == text
