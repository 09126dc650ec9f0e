"""The list of a bundle's parts, as another implementation reads it."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pytest
from cyclonedx.model import HashAlgorithm
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import ComponentType
from cyclonedx.schema import SchemaVersion
from sklearn.linear_model import LogisticRegression

from trimtab.bundle.lock.text import parse_lock
from trimtab.bundle.read import open_bundle
from trimtab.bundle.sbom.write import SBOM, read_sbom

MODEL = "import numpy as np\n\n\ndef predict(data):\n    return np.sqrt(data['x'])\n"


@pytest.fixture
def bundle(workshop):
    """A compiled model with a lock of its own."""
    workshop.lock_everything()
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(80, 2))
    joblib.dump(LogisticRegression().fit(rows, rows.sum(axis=1) > 0), workshop.root / "m.joblib")
    return workshop.package(model=workshop.root / "m.joblib", sample={"x": rows[:, 0], "y": rows[:, 1]})


def document(bundle):
    return (bundle.folder / SBOM).read_text()


def read(bundle):
    """As cyclonedx-python-lib reads it; it must be valid to the letter of the published schema."""
    from cyclonedx.validation.json import JsonStrictValidator  # makes a grammar when it is imported, in half a second

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(document(bundle))
    assert fault is None, fault
    return Bom.from_json(json.loads(document(bundle)))


def test_a_bundle_with_two_locks_is_read_as_it_was_written(bundle):
    bom = read(bundle)
    same_as_ours(bundle, bom)
    pins = parse_lock((bundle.folder / "requirements.txt").read_text())
    small = parse_lock((bundle.folder / "requirements-compiled.txt").read_text())
    libraries = {part.name: part for part in bom.components if part.type == ComponentType.LIBRARY}
    assert "scikit-learn" in pins
    assert set(libraries) == {*pins, *small}
    for name, part in libraries.items():
        pin = pins.get(name) or small[name]
        assert str(part.purl) == f"pkg:pypi/{name}@{pin.version}"
        assert part.version == pin.version
        (reference,) = part.external_references
        assert [f"sha256:{one.content}" for one in reference.hashes] == list(pin.hashes)
        assert {one.alg for one in reference.hashes} == {HashAlgorithm.SHA_256}
        named = {("requirements.txt", name in pins), ("requirements-compiled.txt", name in small)}
        assert {one.value for one in part.properties} == {file for file, there in named if there}
    assert [one.value for one in libraries["scikit-learn"].licenses] == ["BSD-3-Clause"]


def same_as_ours(bundle, theirs):
    """What they read is what we read."""
    ours = read_sbom(bundle)
    subject = theirs.metadata.component
    assert subject.type == ComponentType.MACHINE_LEARNING_MODEL
    assert subject.name == ours.metadata.component.name == "small"
    files = {file.name: file.hashes[0].content for file in subject.components}
    assert files == {file.name: file.hashes[0].content for file in ours.metadata.component.components}
    assert files == {
        name: entry.sha256 for name, entry in bundle.manifest.files.items() if name.startswith(("model/", "compiled/"))
    }
    assert sorted(str(part.purl) for part in theirs.components) == sorted(part.purl for part in ours.components)
    needed = {str(one.ref) for one in theirs.dependencies if str(one.ref) == "bundle" for one in one.dependencies}
    assert needed == {part.bom_ref for part in ours.components}


def test_a_bundle_without_a_lock_lists_what_is_known(workshop):
    workshop.write(model=MODEL)
    bundle = workshop.package(lock="off", compile=False)
    bom = read(bundle)
    assert [(part.name, part.type) for part in bom.components] == [("python", ComponentType.PLATFORM)]
    assert [file.name for file in bom.metadata.component.components] == ["code/model.py"]


def test_it_is_covered_by_the_digest_and_packaging_again_gives_the_same(workshop):
    workshop.lock_everything()
    workshop.write(model=MODEL)
    first, second = workshop.package(compile=False), workshop.package(compile=False)
    assert SBOM in first.manifest.files
    assert (first.digest, document(first)) == (second.digest, document(second))
    assert open_bundle(first.folder).digest == first.digest
    assert not {"serialNumber", "timestamp", "tools", str(workshop.root)} & set(document(first).split('"'))
