"""What packaging finds of a person's data, in real bundles: said, written down, and read without anything running."""

from __future__ import annotations

import json
import shutil

import pytest

from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.read import open_bundle
from trimtab.core.errors import UserError

MODEL = "def predict(data):\n    return [float(value) for value in data['x'].tolist()]\n"
SAMPLE = {
    "x": [1.0, 2.0, 3.0],
    "kontakt": ["anna@example.org", "bert@example.org", "carla@example.org"],
    "age": [31, 42, 53],
    "customer_id": [7, 8, 9],
}


def about(workshop):
    return [text for topic, text in workshop.said if topic == "privacy"]


def test_a_planted_address_is_found_said_and_written_down(workshop):
    workshop.write(model=MODEL)
    bundle = workshop.package(sample=SAMPLE)
    assert about(workshop) == [
        (
            "3 columns not kept as they are: kontakt (drop: values are e-mail addresses), "
            "age (bucket 10: named like an age), customer_id (tokenise: named like an identifier of a person)"
        ),
        "golden rows carry `kontakt` as the sample has it: a sample of made-up people keeps it out",
    ]
    assert b"anna@example.org" in (bundle.folder / "golden/request.json").read_bytes()
    assert bundle.privacy() == {"kontakt": "drop", "age": "bucket 10", "customer_id": "tokenise"}
    assert open_bundle(bundle.folder).privacy() == bundle.privacy()
    assert json.loads((bundle.folder / "privacy.json").read_text())["columns"]["kontakt"] == {
        "policy": "drop",
        "reason": "values are e-mail addresses",
    }
    again = workshop.package(sample={name: [*values] for name, values in SAMPLE.items()})
    assert again.digest == bundle.digest


def test_what_is_said_by_hand_goes_before_what_is_found_and_is_part_of_the_digest(workshop):
    workshop.write(model=MODEL)
    found = workshop.package(sample=SAMPLE)
    said = workshop.package(
        sample=SAMPLE, log={"kontakt": "hash", "age": "keep", "customer_id": "keep", "x": "bucket 2"}
    )
    assert about(workshop) == [
        "2 columns not kept as they are: x (bucket 2: said in trimtab.toml), kontakt (hash: said in trimtab.toml)"
    ]
    assert said.privacy() == {"kontakt": "hash", "age": "keep", "customer_id": "keep", "x": "bucket 2"}
    assert said.digest != found.digest


def test_nothing_is_said_where_nothing_is_found(workshop):
    workshop.write(model=MODEL)
    bundle = workshop.package()
    assert about(workshop) == []
    assert bundle.privacy() == {}


def test_policies_that_fit_nothing_are_all_refused_at_once(workshop):
    workshop.write(model=MODEL)
    with pytest.raises(UserError) as refused:
        workshop.package(sample=SAMPLE, log={"kontakt": "bucket 10", "aeg": "drop", "x": "bucket month"})
    assert [(problem.code, problem.what.partition(":")[0]) for problem in refused.value.problems] == [
        ("P283", "there is no column `aeg` to be logged"),
        ("P283", "log `bucket month` of `x FP64[-1]`"),
        ("P283", "log `bucket 10` of `kontakt BYTES[-1]`"),
    ]
    with pytest.raises(UserError, match="`mask` is no policy"):
        workshop.package(sample=SAMPLE, log={"kontakt": "mask"})


def test_a_bundle_of_before_goes_by_its_names(workshop):
    workshop.write(model=MODEL)
    bundle = workshop.package(sample=SAMPLE)
    old = workshop.root / "old"
    shutil.copytree(bundle.folder, old, ignore=shutil.ignore_patterns("privacy.json"), copy_function=shutil.copyfile)
    (old / "bundle.json").unlink()
    write_manifest(old, bundle.manifest)
    assert open_bundle(old).privacy() == {"age": "bucket 10", "customer_id": "tokenise"}
