"""Which manifest of a base is taken, and which base is of no use."""

import json

import pytest

from trimtab.bundle.image.base import Facts, environment_of, facts_of, pick
from trimtab.bundle.oci.spec import (
    CONFIG,
    GZIP_LAYER,
    INDEX,
    MANIFEST,
    Descriptor,
    Index,
    Manifest,
    Platform,
    described,
    document,
)  # fmt: skip
from trimtab.core.errors import UserError

LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OLD = "application/vnd.docker.distribution.manifest.v2+json"


class Memory:
    """A source with everything in one dict."""

    def __init__(self):
        self.blobs = {}
        self.root = None

    def put(self, data, media_type, **more):
        one = described(data, media_type)
        self.blobs[one.digest] = data
        return Descriptor(one.media_type, one.digest, one.size, **more)

    def resolve(self, _reference):
        return self.root

    def read(self, descriptor):
        yield self.blobs[descriptor.digest]

    def image(self, architecture, media_type=MANIFEST, diff_ids=("sha256:0",), layer=b"layer", os="linux"):
        config = {"architecture": architecture, "os": os, "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        layers = (self.put(layer, GZIP_LAYER),)
        described_config = self.put(json.dumps(config).encode(), CONFIG)
        manifest = Manifest(schema_version=2, media_type=media_type, config=described_config, layers=layers)
        return self.put(document(manifest), media_type, platform=Platform(architecture, os))


def refused(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(("index", "manifest"), [(INDEX, MANIFEST), (LIST, OLD)])
def test_the_manifest_of_the_platform_is_taken_from_an_index(index, manifest):
    source = Memory()
    entries = tuple(source.image(name, manifest) for name in ("amd64", "arm64"))
    source.root = source.put(document(Index(schema_version=2, manifests=entries)), index)
    found = pick(source, "", "arm64")
    assert (found.descriptor.digest, found.descriptor.media_type) == (entries[1].digest, MANIFEST)
    assert found.image.architecture == "arm64"
    assert found.layers[0].media_type == GZIP_LAYER


def test_an_index_without_the_platform_says_what_it_has():
    source = Memory()
    entries = (source.image("amd64"), source.image("s390x"))
    source.root = source.put(document(Index(schema_version=2, manifests=entries)), INDEX)
    assert "no manifest for linux/arm64: it has `amd64`, `s390x`" in refused(pick, source, "", "arm64")


def test_a_single_image_for_another_machine_is_refused():
    source = Memory()
    source.root = source.image("amd64")
    said = refused(pick, source, "", "arm64")
    assert "error[P273]" in said
    assert "it is for linux/amd64, not for linux/arm64" in said


def test_a_config_that_does_not_fit_its_manifest_is_refused():
    source = Memory()
    source.root = source.image("amd64", diff_ids=())
    assert "names 0 layers, its manifest 1" in refused(pick, source, "", "amd64")


def test_a_layer_that_is_not_what_the_config_says_is_refused():
    source = Memory()
    source.root = source.image("amd64", layer=bytes(1024))
    base = pick(source, "", "amd64")
    assert "its config says `sha256:0`" in refused(facts_of, source, base)
    source.root = source.image("amd64", layer=b"\x28\xb5\x2f\xfd")
    assert "zstd" in refused(facts_of, source, pick(source, "", "amd64"))


def test_the_interpreter_below_local_goes_first():
    facts = Facts({"usr/bin/python3.11": "amd64", "usr/local/bin/python3.11": "amd64"}, 36, musl=False)
    assert facts.python("3.11", "amd64", "here") == "/usr/local/bin/python3.11"
    assert Facts({"usr/bin/python3.1": "", "usr/bin/python3.11": ""}, 36, musl=False).python("3.1", "amd64", "") == (
        "/usr/bin/python3.1"
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts({"usr/bin/python3.12": "amd64"}, 36, musl=False), "no Python 3.11, which the bundle was proved with"),
        (Facts({}, 36, musl=False), "it has no Python at all"),
        (Facts({"usr/bin/python3.11": "amd64"}, 36, musl=True), "no GNU C library"),
        (Facts({"usr/bin/python3.11": "amd64"}, 0, musl=False), "no GNU C library"),
        (Facts({"usr/bin/python3.11": "arm64"}, 36, musl=False), "is for arm64, not for amd64"),
    ],
)  # fmt: skip
def test_a_base_of_no_use_is_named(facts, said):
    text = refused(facts.python, "3.11", "amd64", "base")
    assert "error[P274]" in text
    assert said in text


def test_only_what_is_a_variable_counts_as_one():
    source = Memory()
    source.root = source.image("amd64")
    image = pick(source, "", "amd64").image
    image.config["Env"] = ["PATH=/bin", "no value", "A=b=c", 3]
    assert environment_of(image) == {"PATH": "/bin", "A": "b=c"}
