"""Manifests and indexes: what is read, what is refused, and the bytes that we write."""

import hashlib
import json

import pytest

from trimtab.bundle.oci.spec import (
    INDEX,
    MANIFEST,
    Descriptor,
    Index,
    Manifest,
    Platform,
    decode_index,
    decode_manifest,
    described,
    document,
)
from trimtab.core.errors import UserError

DIGEST = f"sha256:{'a' * 64}"
BLOB = {"mediaType": "m", "digest": DIGEST, "size": 3}


def as_json(**said):
    return json.dumps({"schemaVersion": 2, "config": BLOB, **said}).encode()


def test_a_descriptor_is_of_the_bytes():
    found = described(b"abc", "m", artifact_type="t")
    assert found == Descriptor("m", f"sha256:{hashlib.sha256(b'abc').hexdigest()}", 3, "t")


def test_what_is_written_is_canonical_leaves_out_what_is_empty_and_is_read_again():
    blob = Descriptor("m", DIGEST, 3)
    manifest = Manifest(schema_version=2, media_type=MANIFEST, config=blob, layers=(blob,), subject=blob)
    data = document(manifest)
    said = json.loads(data)
    assert said == {"schemaVersion": 2, "mediaType": MANIFEST, "config": BLOB, "layers": [BLOB], "subject": BLOB}
    assert data == (json.dumps(said, sort_keys=True, separators=(",", ":")) + "\n").encode()
    assert decode_manifest(data, "here") == manifest


def test_an_empty_list_is_said_too():
    assert json.loads(document(Index(schema_version=2))) == {"schemaVersion": 2, "manifests": []}
    empty = Manifest(schema_version=2, config=Descriptor("m", DIGEST, 3))
    assert json.loads(document(empty)) == {"schemaVersion": 2, "config": BLOB, "layers": []}


def test_an_index_is_read_with_platforms_and_what_we_do_not_know_is_passed_over():
    entry = {**BLOB, "platform": {"architecture": "arm64", "os": "linux", "os.version": "1"}, "urls": []}
    data = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry], "x": 1}).encode()
    found = decode_index(data, "here")
    assert found.manifests == (Descriptor("m", DIGEST, 3, platform=Platform("arm64", "linux")),)
    assert decode_index(document(found), "here") == found


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "truncated"),
        (b"\xff", "no OCI"),
        (b"[]", "Expected `object`"),
        (b'{"schemaVersion":2}', "missing required field"),
        (b'{"config":' * 100_000, "recursion"),
        (as_json(config={**BLOB, "size": "3"}), "Expected `int`"),
    ],
)
def test_what_is_no_manifest_is_refused_by_its_place(refusal, data, said):
    found = refusal(decode_manifest, data, "here")
    assert (found.code, found.where) == ("P210", "here")
    assert said in found.what


def test_what_is_no_index_is_refused_by_its_place(refusal):
    found = refusal(decode_index, b'{"schemaVersion":2,"manifests":{}}', "here")
    assert (found.code, found.where) == ("P210", "here")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (as_json(schemaVersion=1), "schema version 1, only 2 is known"),
        (as_json(config={**BLOB, "digest": "sha256:../../etc"}), "'sha256:../../etc' is no SHA-256 digest"),
        (as_json(config={**BLOB, "digest": DIGEST.upper()}), "is no SHA-256 digest"),
        (as_json(layers=[{**BLOB, "size": -1}]), f"'{DIGEST}' has a size that no file has"),
        (as_json(layers=[{**BLOB, "size": 10**25}]), f"'{DIGEST}' has a size that no file has"),
        (as_json(subject={**BLOB, "digest": "md5:1"}), "'md5:1' is no SHA-256 digest"),
    ],
)
def test_values_that_cannot_be_are_refused(refusal, data, said):
    assert said in refusal(decode_manifest, data, "here").what


def test_all_faults_are_said_but_not_without_end():
    layers = [{**BLOB, "digest": f"{number}\n"} for number in range(1000)]
    with pytest.raises(UserError) as caught:
        decode_manifest(as_json(layers=layers), "here")
    assert len(caught.value.problems) == 20
    assert "\n" not in caught.value.problems[0].what
