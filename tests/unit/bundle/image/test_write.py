"""Where an image may be written to."""

import json

import pytest

from trimtab.bundle.image.base import Base, Image, Root
from trimtab.bundle.image.build import Built
from trimtab.bundle.image.config import config_of, manifest_of, running_of
from trimtab.bundle.image.layers import LayerStore
from trimtab.bundle.image.tarball import Member
from trimtab.bundle.image.write import write_context, write_layout
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import CONFIG, MANIFEST, Descriptor, described
from trimtab.core.errors import UserError


@pytest.fixture
def built(tmp_path):
    """An image on an empty base."""
    store = LayerStore(tmp_path / "store")
    layer = store.layer("model", ["x"], lambda _: ([Member("models", None, 0o755)], ()))
    base = Base(Descriptor(MANIFEST, f"sha256:{'0' * 64}", 0), (), Image("amd64", "linux", Root(())), "r.example/b:1")
    running = running_of("3.11", "small", (8080,), {}, {})
    config = config_of(base, [layer], running)
    manifest = manifest_of(base, [layer], config, {})
    for data, kind in ((config, CONFIG), (manifest, MANIFEST)):
        store.blobs.write(described(data, kind), [data])
    return Built(base, (layer,), running, described(manifest, MANIFEST), store.blobs)


def test_a_layout_takes_images_one_after_the_other(built, tmp_path):
    place = tmp_path / "out"
    assert write_layout(built, place, "one").blobs == 2
    assert write_layout(built, place, "two").sent == 0
    assert Layout(place).resolve("one").digest == Layout(place).resolve("two").digest == built.descriptor.digest
    assert json.loads((place / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}


def test_a_context_holds_the_file_and_the_layers_it_adds(built, tmp_path):
    for _ in range(2):
        write_context(built, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["Containerfile", "model.tar.gz"]
    text = (tmp_path / "out/Containerfile").read_text()
    assert f"ARG BASE=r.example/b:1@sha256:{'0' * 64}" in text
    assert 'ADD ["model.tar.gz", "/"]' in text


@pytest.mark.parametrize("write", [lambda built, place: write_layout(built, place, "x"), write_context])
def test_a_folder_of_other_things_is_left_alone(built, tmp_path, write):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("precious")
    with pytest.raises(UserError, match="P279"):
        write(built, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]
