"""`trimtab image`: what is wrong is said before anything is fetched; whole images are in tests/system/images."""

import json


def test_a_base_must_be_said(type_in):
    said = type_in("image", "churn")
    assert said.status == 2
    assert "--base" in said.err


def test_a_base_that_is_not_there_is_named(type_in, answering):
    said = type_in("image", f"copy@{answering.digest}", "--base", "./gone", "--json")
    assert (said.status, said.out) == (2, "")
    assert [one["code"] for one in json.loads(said.err)["errors"]] == ["P273"]


def test_a_folder_that_is_no_layout_is_no_base(type_in, answering, here):
    said = type_in("image", "copy", "--base", str(here))
    assert said.status == 2
    assert "is no OCI layout" in said.err
    assert answering.name == "copy"


def test_the_bundle_comes_first(type_in):
    said = type_in("image", "churn", "--base", "./gone")
    assert "error[P230]" in said.err
