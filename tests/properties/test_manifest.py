"""The canonical bytes of a manifest: one form for one content, whatever order its parts were given in."""

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle import manifest as manifests
from trimtab.bundle.manifest import CodeSpec, FileEntry, GoldenSpec, Manifest, Source
from trimtab.core.signature import Field, Signature

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PLAIN = st.dictionaries(TEXT, JSON, max_size=4)
FIELDS = st.builds(
    Field,
    name=TEXT,
    dtype=st.sampled_from(["INT64", "FP64", "BYTES", "BOOL"]),
    shape=st.sampled_from([(-1,), (-1, 3), (-1, -1)]),
    nullable=st.booleans(),
    low=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    categories=st.none() | st.lists(TEXT, max_size=3).map(tuple),
    kind=st.sampled_from(["value", "bytes", "datetime"]),
    frame=st.sampled_from(["", "int64", "category"]),
)
SIGNATURES = st.builds(
    Signature,
    st.lists(FIELDS, max_size=3).map(tuple),
    st.lists(FIELDS, max_size=2).map(tuple),
    st.sampled_from(["frame", "arrays", "matrix"]),
)
MANIFESTS = st.builds(
    Manifest,
    name=st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,62}\Z"),
    flavour=st.sampled_from(["sklearn", "onnx"]),
    signature=SIGNATURES.map(manifests.signature_to_plain),
    files=st.dictionaries(TEXT, st.builds(FileEntry, sha256=HEX, size=st.integers(0, 2**53)), max_size=4),
    options=PLAIN,
    golden=st.none() | st.builds(GoldenSpec, rows=st.integers(0, 99), rtol=st.floats(0, 1), atol=st.floats(0, 1)),
    code=st.builds(CodeSpec, modules=st.lists(TEXT, max_size=3).map(tuple)),
    source=st.builds(Source, commit=TEXT, data=st.dictionaries(TEXT, TEXT, max_size=3), metrics=PLAIN),
    serving=PLAIN,
)


def shuffled(value, chance):
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@given(MANIFESTS)
def test_bytes_and_manifest_are_two_forms_of_one_thing(manifest):
    data = manifests.encode(manifest)
    assert manifests.decode(data) == manifest
    assert manifests.encode(manifests.decode(data)) == data


@given(MANIFESTS, st.integers())
def test_the_order_in_which_parts_were_given_does_not_matter(manifest, seed):
    data = manifests.encode(manifest)
    assert manifests.canonical(shuffled(json.loads(data), random.Random(seed))) == data


@given(MANIFESTS, MANIFESTS)
def test_two_manifests_have_one_digest_only_when_they_are_equal(one, two):
    same = manifests.digest(one) == manifests.digest(two)
    assert same == (manifests.encode(one) == manifests.encode(two))


@given(SIGNATURES)
def test_a_signature_survives_its_plain_form(signature):
    manifest = Manifest(name="a", flavour="onnx", signature=manifests.signature_to_plain(signature), files={})
    assert manifests.signature_of(manifests.decode(manifests.encode(manifest))) == signature
