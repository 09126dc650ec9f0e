import json

import pytest

from trimtab.ops.check.subject import CannotError
from trimtab.ops.check.vulnerabilities import Known, known_in, read_known

OSV = {"id": "GHSA-1", "aliases": ["CVE-1"], "affected": [{"package": {"name": "numpy"}}],
       "database_specific": {"severity": "MODERATE"}}  # fmt: skip
SCANNED = {"results": [{"packages": [{"package": {"name": "numpy"}, "vulnerabilities": [OSV, {"id": "OSV-2"}]}]}]}
CYCLONE = {
    "bomFormat": "CycloneDX",
    "components": [{"bom-ref": "pkg:pypi/numpy@1", "name": "numpy"}],
    "vulnerabilities": [
        {"id": "CVE-1", "ratings": [{"severity": "low"}, {"severity": "critical"}],
         "affects": [{"ref": "pkg:pypi/numpy@1"}]},
        {"id": "CVE-2", "ratings": [{"severity": "high"}], "analysis": {"state": "not_affected"}},
        {"id": "CVE-3"},
    ],
}  # fmt: skip
SARIF = {
    "runs": [
        {
            "tool": {
                "driver": {"rules": [{"id": "CVE-1", "properties": {"security-severity": "9.8"}}, {"id": "CVE-2"}]}
            },
            "results": [
                {"ruleId": "CVE-1", "level": "note"},
                {"ruleId": "CVE-2", "level": "error"},
                {"ruleId": "CVE-3", "suppressions": [{"kind": "external"}]},
                {"ruleId": "CVE-4"},
            ],
        }
    ]
}


@pytest.mark.parametrize(
    ("plain", "known"),
    [
        (SCANNED, [Known("GHSA-1", "numpy", "medium", ("CVE-1",)), Known("OSV-2", "numpy", "")]),
        ([OSV], [Known("GHSA-1", "numpy", "medium", ("CVE-1",))]),
        ({"vulns": []}, []),
        (CYCLONE, [Known("CVE-1", "numpy", "critical"), Known("CVE-3", "", "")]),
        (SARIF, [Known("CVE-1", "", "critical"), Known("CVE-2", "", "high"), Known("CVE-4", "", "medium")]),
    ],
)
def test_each_form_names_what_is_open(plain, known):
    assert list(known_in(plain)) == known


def test_one_of_no_severity_counts_as_the_worst():
    assert Known("a", "p", "").rank == Known("a", "p", "critical").rank > Known("a", "p", "high").rank


@pytest.mark.parametrize("text", ["", "{", "{}", '"x"', json.dumps({"results": [1]}), json.dumps([{"no": "id"}])])
def test_a_file_of_no_such_form_cannot_be_judged(text, tmp_path):
    path = tmp_path / "found.json"
    path.write_text(text)
    with pytest.raises(CannotError, match=r"`found.json` cannot be read"):
        read_known(path)


def test_a_file_that_is_not_there_cannot_be_judged(tmp_path):
    with pytest.raises(CannotError, match="No such file"):
        read_known(tmp_path / "none.json")
