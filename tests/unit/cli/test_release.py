"""What is refused before anything is done; what is done: `tests/system/release/test_story.py`."""

from __future__ import annotations

import pytest

PROJECT = 'name = "churn"\n[model]\npath = "m:a"\n[env.dev]\n[env.prod]\nafter = "dev"\n'
VERBS = (("release", "prod"), ("rollback", "prod"), ("status",), ("history",))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("words", VERBS)
def test_there_must_be_a_project(type_in, words):
    said = type_in(*words)
    assert (said.status, said.out) == (2, "")
    assert "error[P466]: there is no `trimtab.toml` here" in said.err


@pytest.mark.parametrize("words", VERBS)
def test_with_an_environment(here, type_in, words):
    (here / "trimtab.toml").write_text('name = "churn"\n[model]\npath = "m:a"\n')
    said = type_in(*words)
    assert said.status == 2
    assert "error[P466]: trimtab.toml has no environments" in said.err


@pytest.mark.parametrize(
    "words", [("release", "prd"), ("release", "churn", "--to", "prd"), ("rollback", "prd"), ("status", "prd")]
)
def test_of_that_name(here, type_in, words):
    (here / "trimtab.toml").write_text(PROJECT)
    said = type_in(*words)
    assert said.status == 2
    assert "error[P466]: no environment `prd` in trimtab.toml" in said.err
    assert "hint: did you mean `prod`?" in said.err


@pytest.mark.parametrize("bundle", ["churn", "churn:latest", "churn@sha256:ab", "sha256:ab"])
def test_a_bundle_alone_is_told_what_to_type(here, type_in, bundle):
    (here / "trimtab.toml").write_text(PROJECT)
    assert f"hint: `trimtab release {bundle} --to dev`, for a bundle" in type_in("release", bundle).err


@pytest.mark.parametrize(("words", "code"), [(("release",), "P"), (("release", "a", "--to", "dev", "--resume"), "P")])
def test_words_that_do_not_fit_are_said(here, type_in, words, code):
    (here / "trimtab.toml").write_text(PROJECT)
    said = type_in(*words)
    assert said.status == 2
    assert f"error[{code}" in said.err


def test_there_must_be_a_bundle_a_past_and_something_under_way(here, type_in):
    (here / "trimtab.toml").write_text(PROJECT)
    for words, code in (
        (("release", "dev"), "P230"),
        (("rollback", "dev"), "P465"),
        (("release", "dev", "--resume"), "P469"),
    ):
        said = type_in(*words)
        assert said.status == 2, words
        assert f"error[{code}]" in said.err, words
    assert not (here / "ledger").exists()
