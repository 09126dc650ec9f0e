"""What is signed."""

import json

import msgspec
import pytest

from trimtab.bundle.manifest import canonical
from trimtab.bundle.trust.envelope import Statement
from trimtab.bundle.trust.statements import PROVENANCE, WHOLE, provenance_of, whole, whole_fault


def read(plain):
    return msgspec.json.decode(canonical(plain), type=Statement)


def test_the_signed_statement_names_every_file_and_the_manifest_in_the_order_of_paths(bundle):
    said = whole(bundle)
    assert said["predicateType"] == WHOLE
    names = [one["name"] for one in said["predicate"]["resources"]]
    assert names == ["bundle.json", "model/a/b.txt", "model/a-b.txt", "model/model.txt"]
    assert said["predicate"]["resources"][0]["digest"] == bundle.digest.removeprefix("sha256:")
    assert whole_fault(read(said), bundle) == ""


SHARDS = {"method": "shards", "hash_type": "sha256"}


def changed(said, place, **to):
    said["predicate"]["resources"] = [
        one | to if one["name"] == place else one for one in said["predicate"]["resources"]
    ]  # fmt: skip
    return said


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda said: changed(said, "bundle.json", digest="ab" * 32), "about the bundle `sha256:abab"),
        (lambda said: changed(said, "bundle.json", name="other.json"), "does not cover `bundle.json`"),
        (lambda said: changed(said, "model/a-b.txt", digest="ab" * 32), "another digest for `model/a-b.txt`"),
        (lambda said: changed(said, "model/a-b.txt", name="model/z"), "does not cover `model/a-b.txt`"),
        (lambda said: changed(said, "model/a-b.txt", name="bundle.json"), "a file twice"),
        (lambda said: changed(said, "model/a-b.txt", algorithm="blake3"), "another algorithm"),
        (lambda said: {**said, "predicate": {**said["predicate"], "resources": []}}, "does not cover `bundle.json`"),
        (lambda said: {**said, "predicate": {"resources": []}}, "cannot be read"),
        (lambda said: {**said, "predicate": [1]}, "cannot be read"),
        (lambda said: {**said, "predicate": said["predicate"] | {"serialization": SHARDS}}, "not name whole files"),
    ],
)  # fmt: skip
def test_a_statement_that_does_not_name_all_of_it_and_only_it_does_not_count(bundle, change, what):
    assert what in whole_fault(read(change(whole(bundle))), bundle)


def test_a_file_too_many_in_the_statement_is_named(bundle):
    said = whole(bundle)
    said["predicate"]["resources"].append({"name": "more", "algorithm": "sha256", "digest": "ab" * 32})
    assert "names `more`, which the bundle does not have" in whole_fault(read(said), bundle)


def test_the_provenance_is_the_manifests_and_has_no_clock_and_no_machine(bundle, make, tmp_path):
    said = provenance_of(bundle)
    assert (said["predicateType"], said["subject"][0]["digest"]["sha256"]) == (PROVENANCE, bundle.digest[7:])
    [source, data] = said["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source == {"name": "source", "digest": {"gitCommit": "c0ffee" * 6}, "annotations": {"dirty": True}}
    assert data == {"name": "train.csv", "digest": {"sha256": "ab" * 32}}
    assert said["predicate"]["runDetails"]["byproducts"] == [{"name": "training metrics", "annotations": {"auc": 0.91}}]
    text = json.dumps(said)
    assert str(tmp_path) not in text
    again = make({"model/model.txt": b"tree\n", "model/a-b.txt": b"1", "model/a/b.txt": b"2"})
    assert provenance_of(again) == said
    bare = make({"requirements.txt": b""}, source=type(bundle.manifest.source)(), lock="cd" * 32)
    said = provenance_of(bare)["predicate"]
    assert said["buildDefinition"]["resolvedDependencies"] == []
    assert said["runDetails"]["byproducts"] == [{"name": "requirements.txt", "digest": {"sha256": "cd" * 32}}]
