"""What is shown of a bundle."""

from trimtab.cli.portrait import portrait

BARE = {
    "name": "churn", "digest": "sha256:ab", "flavour": "onnx", "prepare": "", "python": "", "inputs": [],
    "outputs": [{"name": "p", "dtype": "FP64", "shape": [-1]}], "files": {"model/model.onnx": 1500}, "bytes": 1500,
    "code": [], "source": {"commit": "", "dirty": False}, "data": {}, "metrics": {}, "lock": None, "sbom": None,
    "compiled": None, "golden": None, "privacy": {"columns": {}}, "origin": None, "evidence": [],
}  # fmt: skip


def document(**said):
    return {"kind": "signature", "says": "", "claims": "a key", "signer": None, "fault": "", **said}


def test_what_is_not_there_has_no_line():
    assert list(portrait(BARE)) == [
        ("bundle", "churn@sha256:ab"),
        ("flavour", "onnx"),
        ("output", "p  FP64  shape [-1]"),
        ("file", "   1.5 kB  model/model.onnx"),
        ("size", "1 files, 1.5 kB"),
        ("code", "none"),
        ("origin", "unknown"),
        ("evidence", "none"),
    ]


def test_what_is_there_has_one():
    said = BARE | {
        "prepare": "own:clean", "python": "3.11", "code": ["code/own.py"],
        "source": {"commit": "c0ffee", "dirty": True}, "data": {"a.csv": "ab" * 32}, "metrics": {"auc": 0.5},
        "lock": {"requirements": 3, "sha256": "cd" * 32}, "sbom": {"cyclonedx": "1.6", "components": {"library": 2}},
        "compiled": {"form": "a forest", "certificate": "100 rows"}, "golden": {"rows": 3, "rtol": 1e-6, "atol": 0.0},
        "privacy": {"columns": {"mail": {"policy": "drop", "reason": "values are e-mail addresses"}}},
        "origin": {"origin": "received", "signers": ["ann", "bob"]},
    }  # fmt: skip
    assert list(portrait(said))[1:] == [
        ("flavour", "onnx, prepared by own:clean, Python 3.11"),
        ("output", "p  FP64  shape [-1]"),
        ("file", "   1.5 kB  model/model.onnx"),
        ("size", "1 files, 1.5 kB"),
        ("code", "code/own.py"),
        ("source", "c0ffee, with uncommitted changes"),
        ("data", "a.csv sha256:abababababab"),
        ("metric", "auc 0.5"),
        ("lock", "3 requirements, sha256:cdcdcdcdcdcd"),
        ("sbom", "CycloneDX 1.6, 2 library"),
        ("compiled", "a forest, 100 rows"),
        ("golden", "3 rows, rtol 1e-06, atol 0"),
        ("privacy", "mail  drop, values are e-mail addresses"),
        ("origin", "received, signed by ann; bob"),
        ("evidence", "none"),
    ]


def test_a_fault_is_shown_in_its_place():
    said = BARE | {"privacy": {"fault": "`privacy.json` cannot be read"}}
    assert [text for topic, text in portrait(said) if topic == "privacy"] == ["`privacy.json` cannot be read"]


def test_a_claim_is_never_shown_as_a_signer():
    said = BARE | {
        "evidence": [document(), document(signer="ann"), document(fault="changed"), document(fault="x", claims="")]
    }
    assert [text for topic, text in portrait(said) if topic == "signature"] == [
        "not verified, it says: by a key",
        "by ann",
        "does not count: changed; it says: by a key",
        "does not count: x",
    ]


def test_evidence_of_a_release_is_named_by_its_kind():
    says = "urn:trimtab:evidence:golden:v1"
    said = BARE | {"evidence": [document(kind="attestation", says=says, signer="ann"), document(kind="attestation")]}
    assert [text for topic, text in portrait(said) if topic == "attestation"] == [
        "golden, by ann",
        "not verified, it says: by a key",
    ]
