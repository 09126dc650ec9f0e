import json
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.manifest import canonical
from trimtab.core.attestations import KINDS, Attestation, Measure
from trimtab.release.evidence.statements import attestation_of, predicate_type, statement_of

DIGEST = f"sha256:{'a' * 64}"
ONE = Attestation("golden", DIGEST, "PASS", 5.0)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
VERDICTS = st.sampled_from(["PASS", "WARN", "FAIL", "UNKNOWN"])
MEASURES = st.builds(Measure, TEXT, NUMBERS, VERDICTS, NUMBERS, TEXT, st.integers(0, 10**9), TEXT)
FOUND = st.builds(
    Attestation, st.sampled_from([kind for kind in KINDS if kind != "approval"]), st.just(DIGEST), VERDICTS,
    st.floats(0, 1e11), TEXT, st.sampled_from(["", DIGEST]), st.sampled_from(["", "prod"]),
    st.lists(MEASURES, max_size=3).map(tuple), st.dictionaries(TEXT, PLAIN, max_size=3),
)  # fmt: skip


@given(FOUND)
def test_what_was_found_is_read_back(found):
    assert attestation_of(canonical(statement_of(found))) == found


def test_who_signs_is_no_part_of_it():
    said = statement_of(replace(ONE, signer="ann", key="sha256:00"))
    assert said == statement_of(ONE)
    assert said["predicateType"] == "urn:trimtab:evidence:golden:v1" == predicate_type("golden")


def test_numbers_that_are_none_are_left_out():
    measures = (Measure("a", nan, "UNKNOWN", inf),)
    read = attestation_of(canonical(statement_of(replace(ONE, measures=measures, facts={"x": [inf, {"y": -inf}]}))))
    assert read.measures == (Measure("a", None, "UNKNOWN", None),)
    assert read.facts == {"x": [None, {"y": None}]}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "golde"}, "no kind of evidence"),
        ({"verdict": "OK"}, "no kind of evidence with a verdict"),
        ({"digest": "sha256:aa"}, "about no digest"),
        ({"against": "main"}, "compared with no digest"),
        ({"environment": "../prod"}, "no name"),
        ({"kind": "approval"}, "says yes to no environment"),
        ({"made": nan}, "at no time"),
        ({"made": -1.0}, "at no time"),
        ({"made": inf}, "at no time"),
    ],
)
def test_what_could_not_be_read_back_is_not_said(change, why):
    with pytest.raises(ValueError, match=why):
        statement_of(replace(ONE, **change))


def without(plain, *path):
    inner = plain
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return plain


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said | {"more": 1},
        lambda said: said | {"_type": "https://in-toto.io/Statement/v0.1"},
        lambda said: said | {"predicateType": "urn:trimtab:evidence:golden:v2"},
        lambda said: said | {"subject": []},
        lambda said: said | {"subject": said["subject"] * 2},
        lambda said: said | {"subject": [{"digest": {"sha256": "A" * 64}}]},
        lambda said: said | {"subject": [{"digest": {"sha256": "a" * 64, "sha512": "x"}}]},
        lambda said: said | {"subject": [{"name": "x", "digest": {"sha256": "a" * 64}}]},
        lambda said: said | {"predicate": said["predicate"] | {"verdict": "pass"}},
        lambda said: said | {"predicate": said["predicate"] | {"made": "5"}},
        lambda said: said | {"predicate": said["predicate"] | {"made": True}},
        lambda said: said | {"predicate": said["predicate"] | {"signer": "ann"}},
        lambda said: said | {"predicate": said["predicate"] | {"measures": [{"name": "x"}]}},
        lambda said: said | {"predicate": said["predicate"] | {"facts": []}},
        *(lambda said, name=name: without(said, name) for name in ("_type", "subject", "predicateType", "predicate")),
        *(
            lambda said, name=name: without(said, "predicate", name)
            for name in ("verdict", "made", "by", "against", "environment", "measures", "facts")
        ),
    ],
)
def test_what_trimtab_never_wrote_is_not_read(change):
    said = statement_of(replace(ONE, measures=(Measure("a", 1.0, "PASS"),)))
    assert attestation_of(canonical(said))
    with pytest.raises(ValueError, match=r"it cannot be read|it is no evidence|about no digest"):
        attestation_of(canonical(change(said)))


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b"[" * 100_000, json.dumps({"_type": 1}).encode()])
def test_bytes_that_are_no_statement(data):
    with pytest.raises(ValueError, match="it cannot be read"):
        attestation_of(data)
