"""The list of parts in a folder."""

import pytest

from trimtab.bundle.lock.text import Pin, render_lock
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest
from trimtab.bundle.read import open_bundle
from trimtab.bundle.sbom.write import SBOM, read_sbom, write_sbom
from trimtab.core.errors import UserError

SIGNATURE = {"inputs": [], "outputs": [], "container": "frame"}


@pytest.fixture
def stage(tmp_path):
    (tmp_path / "requirements.txt").write_text(render_lock([Pin("numpy", "1.0", (f"sha256:{'0' * 64}",))]))
    (tmp_path / "model").mkdir()
    (tmp_path / "model/m").write_text("x")
    write_manifest(tmp_path, Manifest(name="m", flavour="python", signature=SIGNATURE, files={}))
    return tmp_path


def test_the_list_is_a_file_of_the_manifest(stage):
    before = open_bundle(stage)
    assert read_sbom(before) is None
    write_sbom(stage)
    after = open_bundle(stage)
    assert set(after.manifest.files) - set(before.manifest.files) == {SBOM}
    bom = read_sbom(after)
    assert [part.purl for part in bom.components] == ["pkg:pypi/numpy@1.0"]
    assert [file.name for file in bom.metadata.component.components] == ["model/m"]


def test_writing_it_again_changes_nothing(stage):
    write_sbom(stage)
    first = (stage / "bundle.json").read_bytes()
    write_sbom(stage)
    assert (stage / "bundle.json").read_bytes() == first


def test_another_document_in_its_place_is_named(stage):
    (stage / SBOM).write_text('{"bomFormat": 1}')
    write_manifest(stage, Manifest(name="m", flavour="python", signature=SIGNATURE, files={}))
    with pytest.raises(UserError) as caught:
        read_sbom(open_bundle(stage))
    assert caught.value.problems[0].code == "P252"
