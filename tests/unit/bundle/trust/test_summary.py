"""What a bundle says of itself."""

import json

from trimtab.bundle.manifest import GoldenSpec
from trimtab.bundle.trust.origin import Record
from trimtab.bundle.trust.policy import Document, Signer
from trimtab.bundle.trust.summary import summary

SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "machine-learning-model", "name": "m"}},
    "components": [{"type": kind, "name": "n"} for kind in ("library", "library", "file")],
}


def test_everything_is_there_and_json(make):
    pins = b"# a comment\nnumpy==2.0 \\\n    --hash=sha256:ab\nmsgspec==0.19\n"
    files = {"requirements.txt": pins, "sbom.cdx.json": json.dumps(SBOM).encode(), "code/own.py": b""}
    bundle = make(files, lock="ab" * 32, golden=GoldenSpec(3, 1e-6, 1e-9), prepare="own:clean")
    documents = [Document("signature", "urn:x", "ab", Signer("sha256:1", "ann.pub"))]
    said = summary(bundle, Record("received", ("ann",)), documents)
    assert json.loads(json.dumps(said)) == said
    assert said["lock"] == {"sha256": "ab" * 32, "requirements": 2}
    assert said["sbom"] == {"cyclonedx": "1.6", "components": {"file": 1, "library": 2}}
    assert said["golden"] == {"rows": 3, "rtol": 1e-6, "atol": 1e-9}
    assert said["code"] == ["prepare own:clean", "code/own.py"]
    assert said["source"] == {"commit": "c0ffee" * 6, "dirty": True}
    assert said["privacy"] == {"columns": {}}
    assert said["origin"] == {"origin": "received", "signers": ["ann"]}
    assert said["evidence"][0]["signer"] == "ann.pub (sha256:1)"
    assert said["bytes"] == sum(said["files"].values())


def test_what_may_be_logged_is_there_or_says_why_not(make):
    written = b'{"columns":{"x":{"policy":"drop","reason":"values are IBANs"}},"format":1}'
    said = summary(make({"model/model.txt": b"tree", "privacy.json": written}), None, [])
    assert said["privacy"] == {"columns": {"x": {"policy": "drop", "reason": "values are IBANs"}}}
    said = summary(make({"model/model.txt": b"tree", "privacy.json": b"{}"}), None, [])
    assert said["privacy"]["fault"].startswith("`privacy.json` cannot be read: ")


def test_what_is_not_there_is_null_and_what_is_broken_says_so(make):
    said = summary(make({"model/model.txt": b"tree", "sbom.cdx.json": b"\xff"}), None, [])
    assert [said[key] for key in ("lock", "golden", "compiled", "origin")] == [None] * 4
    assert said["sbom"]["fault"].startswith("`sbom.cdx.json` cannot be read: ")
