"""From manifest and locks to the list of parts."""

import json

from trimtab.bundle.lock.text import Pin
from trimtab.bundle.manifest import FileEntry, Manifest, Source
from trimtab.bundle.sbom.compose import REQUIRED_BY, bom_of
from trimtab.bundle.sbom.document import LicenseChoice, encode_bom

SIGNATURE = {"inputs": [], "outputs": [], "container": "frame"}
A, B = "a" * 64, "b" * 64
FULL, SMALL = "requirements.txt", "requirements-compiled.txt"


def manifest(**changed):
    files = {name: FileEntry(A, 1) for name in ("model/m.skops", "code/p.py", "golden/request.json", FULL)}
    plain = {"name": "churn", "flavour": "sklearn", "signature": SIGNATURE, "files": files, "python": "3.11"}
    return Manifest(**{**plain, **changed})


def pins(*names, version="1.0"):
    return {name: Pin(name, version, (f"sha256:{B}", f"sha256:{A}")) for name in names}


def nothing(_name, _version):
    return None


def test_the_bundle_is_made_of_the_files_that_are_loaded():
    subject = bom_of(manifest(), {}, nothing).metadata.component
    assert (subject.type, subject.name) == ("machine-learning-model", "churn")
    assert [file.name for file in subject.components] == ["code/p.py", "model/m.skops"]
    assert {file.hashes[0].content for file in subject.components} == {A}
    assert {one.name: one.value for one in subject.properties} == {"trimtab:flavour": "sklearn"}


def test_the_commit_is_a_property_of_the_bundle():
    subject = bom_of(manifest(source=Source("c0ffee", dirty=True)), {}, nothing).metadata.component
    facts = {one.name: one.value for one in subject.properties}
    assert facts["trimtab:source:commit"] == "c0ffee"
    assert facts["trimtab:source:dirty"] == "true"


def test_a_pin_is_a_library_with_its_hashes_and_says_which_requirements_name_it():
    locks = {FULL: pins("numpy", "scikit-learn"), SMALL: pins("numpy", "onnxruntime")}
    python, *rest = bom_of(manifest(), locks, nothing).components
    assert (python.type, python.purl) == ("platform", "pkg:generic/python@3.11")
    assert [part.purl for part in rest] == [f"pkg:pypi/{name}@1.0" for name in ("numpy", "onnxruntime", "scikit-learn")]
    assert [[one.value for one in part.properties] for part in rest] == [[SMALL, FULL], [SMALL], [FULL]]
    assert {one.name for part in rest for one in part.properties} == {REQUIRED_BY}
    (reference,) = rest[0].external_references
    assert (reference.type, [one.content for one in reference.hashes]) == ("distribution", [A, B])


def test_a_licence_is_asked_for_by_name_and_version():
    asked = []

    def licence(name, version):
        asked.append((name, version))
        return LicenseChoice.spdx("MIT")

    part = bom_of(manifest(python=""), {FULL: pins("numpy", version="2.0")}, licence).components[0]
    assert part.licenses == (LicenseChoice.spdx("MIT"),)
    assert asked == [("numpy", "2.0")]


def test_one_name_in_two_versions_is_two_parts_and_odd_versions_are_escaped():
    locks = {FULL: pins("torch", version="2.0+cpu"), SMALL: pins("torch", version="1!2.0")}
    assert [part.purl for part in bom_of(manifest(python=""), locks, nothing).components] == [
        "pkg:pypi/torch@1%212.0", "pkg:pypi/torch@2.0%2Bcpu",
    ]  # fmt: skip


def test_without_a_lock_there_is_what_is_known():
    bom = bom_of(manifest(), {}, nothing)
    assert [part.name for part in bom.components] == ["python"]
    assert bom.dependencies[0].depends_on == ("pkg:generic/python@3.11",)


def test_the_same_inputs_in_another_order_give_the_same_bytes_without_time_place_or_chance():
    one = encode_bom(bom_of(manifest(), {FULL: pins("a", "b"), SMALL: pins("b")}, nothing))
    files = dict(reversed(manifest().files.items()))
    other = encode_bom(bom_of(manifest(files=files), {SMALL: pins("b"), FULL: pins("b", "a")}, nothing))
    assert one == other
    document = json.loads(one)
    assert not {"serialNumber", "$schema"} & set(document)
    assert set(document["metadata"]) == {"component"}
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)


def test_every_reference_is_to_one_part():
    bom = bom_of(manifest(), {FULL: pins("a", "b")}, nothing)
    refs = ["bundle", *(part.bom_ref for part in bom.components)]
    assert sorted(refs) == sorted(one.ref for one in bom.dependencies)
    assert len(set(refs)) == len(refs)
