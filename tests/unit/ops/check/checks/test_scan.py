import json
import os
import pickle

import pytest

from trimtab.ops.check.checks.scan import check


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.fixture
def made(subject, bench, write_bundle, tmp_path):
    def make(files, known=None, **wanted):
        from trimtab.bundle.read import open_bundle

        write_bundle(tmp_path / "b", files=files)
        path = tmp_path / "found.json"
        if known is not None:
            path.write_text(json.dumps({"vulns": known}))
        one = subject(
            made=open_bundle(tmp_path / "b"), wanted=wanted, vulnerabilities=path if known is not None else None
        )
        return {one.name: one for one in check(one, bench()).measures}

    return make


HEALTHY = {"model/m.pkl": pickle.dumps({"a": 1}), "code/own.py": b"x = 1\n", "code/table.csv": b"a,b\n1,2\n"}
GRAVE = {"id": "CVE-1", "affected": [{"package": {"name": "numpy"}}], "database_specific": {"severity": "CRITICAL"}}
SMALL = {"id": "CVE-2", "database_specific": {"severity": "LOW"}}


def test_a_healthy_bundle_passes_and_vulnerabilities_nobody_looked_for_are_a_warning(made):
    found = made(HEALTHY)
    assert {name: one.verdict for name, one in found.items()} == {
        "secrets": "PASS", "pickles": "PASS", "vulnerabilities": "WARN",
    }  # fmt: skip


def test_a_secret_in_the_code_fails_by_its_place(made):
    found = made(HEALTHY | {"code/own.py": b'x = 1\naws = "AKIA' + b'QYLPMN5HHHFPZAM2"\n'})
    assert found["secrets"].verdict == "FAIL"
    assert "code/own.py:2" in found["secrets"].says


def test_a_pickle_that_runs_a_program_fails_by_its_name(made):
    found = made(HEALTHY | {"model/m.pkl": pickle.dumps(Evil())})
    assert (found["pickles"].verdict, found["pickles"].says) == ("FAIL", "model/m.pkl names posix.system")


@pytest.mark.parametrize("data", [b"\x1f\x8b packed", b"\x80\x04broken"])
def test_a_pickle_that_cannot_be_read_is_said(made, data):
    found = made(HEALTHY | {"model/m.pkl": data})
    assert found["pickles"].verdict == "WARN"
    assert "model/m.pkl" in found["pickles"].says


@pytest.mark.parametrize(
    ("known", "wanted", "verdict"),
    [
        ([], {}, "PASS"),
        ([GRAVE], {}, "FAIL"),
        ([SMALL], {}, "WARN"),
        ([SMALL], {"severity": "low"}, "FAIL"),
        ([GRAVE], {"accept": ("CVE-1",)}, "PASS"),
        ([{"id": "CVE-3"}], {}, "FAIL"),
    ],
)
def test_known_vulnerabilities_are_held_to_their_severity(made, known, wanted, verdict):
    assert made(HEALTHY, known, **wanted)["vulnerabilities"].verdict == verdict
