import tempfile

import pytest

from trimtab.bundle.proof import prove
from trimtab.bundle.proof.prove import Mismatch, Proof, _proof, run_clean

SAID = {"stage": "replay", "asked": [["prepare", "numpy"]], "held": ["yaml"], "modules": {"numpy": "/n.py"}}
FAILURE = {
    "type": "ModuleNotFoundError", "message": "No module named 'a'", "module": "a", "path": None, "missing": False,
    "frames": ["p.py:1 in f"], "trace": ["x", "y"], "problems": [], "ours": False,
}  # fmt: skip


def test_a_good_answer_is_a_proof():
    proof = _proof({**SAID, "rows": 3, "worst": 0.5, "load_s": 1.0})
    assert proof.ok
    assert (proof.rows, proof.worst, proof.asked, proof.held) == (3, 0.5, (("prepare", "numpy"),), ("yaml",))


def test_a_mismatch_is_no_proof():
    said = {"column": "c", "row": 1, "expected": "1", "got": "2", "alone": False}
    assert not _proof({**SAID, "mismatch": said}).ok
    assert _proof({**SAID, "mismatch": said}).mismatch == Mismatch("c", 1, "1", "2", alone=False)


def test_a_failure_keeps_the_module_that_was_missing_but_not_that_of_another_import_error():
    failure = _proof({**SAID, "failure": FAILURE}).failure
    assert failure is not None
    assert (failure.stage, failure.module, failure.trace) == ("replay", "a", "xy")
    other = _proof({**SAID, "failure": {**FAILURE, "type": "ImportError"}}).failure
    assert other is not None
    assert other.module == ""


def test_a_file_counts_as_missing_only_when_it_was_not_found():
    said = {**FAILURE, "type": "PermissionError", "path": "/x", "missing": False}
    failure = _proof({**SAID, "failure": said}).failure
    assert failure is not None
    assert failure.path == ""


def test_problems_of_ours_are_kept_only_when_they_are_the_cause():
    problems = [["P209", "w", "at", "h"]]
    for ours, kept in ((True, (("P209", "w", "at", "h"),)), (False, ())):
        failure = _proof({**SAID, "failure": {**FAILURE, "problems": problems, "ours": ours}}).failure
        assert failure is not None
        assert failure.problems == kept


def test_an_empty_proof_is_ok_with_no_rows():
    assert Proof().ok
    assert Proof().rows == 0


def test_its_folder_goes_however_it_ends_and_so_does_what_a_killed_one_has_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "trimtab-proof-left"
    (left / "work").mkdir(parents=True)
    (left / ".lock").touch()

    def interrupted(home, *_):
        assert [home] == [*tmp_path.iterdir()]
        raise KeyboardInterrupt

    monkeypatch.setattr(prove, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_clean("a.module", {"folder": "."})
    assert [*tmp_path.iterdir()] == []
