"""Patterns in triggers are exact; as conditions they let every ref pass that they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.release.pipeline.bindings import Binding, Part, bindings_of, parts_of
from trimtab.release.refs import matches


def test_an_environment_follows_branches_or_tags():
    assert bindings_of("main", "") == (Binding("heads", "main"),)
    assert bindings_of("", "v*") == (Binding("tags", "v*"),)
    assert bindings_of("", "") == ()


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("main", [Part("is", "refs/heads/main")]),
        ("*", [Part("starts", "refs/heads/")]),
        ("release/*", [Part("starts", "refs/heads/release/")]),
        ("r/**/x*-end", [Part("starts", "refs/heads/r/"), Part("contains", "/x"), Part("ends", "-end")]),
    ],
)
def test_a_pattern_is_asked_for_by_its_fixed_parts(pattern, parts):
    assert list(parts_of(Binding("heads", pattern))) == parts


@pytest.mark.parametrize("pattern", ["it's", "a$(b)", "${{ x }}", "a b", "v+", "!main", "v'||'", "a\nb"])
def test_letters_that_mean_something_else_to_a_service_are_not_sayable(pattern):
    assert not Binding("tags", pattern).sayable


@given(st.lists(st.sampled_from(["v", "a", "/", "-", "*", "**"]), min_size=1, max_size=6), st.text("va/-", max_size=8))
def test_what_the_pattern_has_passes_the_condition(words, name):
    pattern = "".join(words)
    if matches(pattern, name):
        whole = f"refs/tags/{name}"
        asks = {"is": str.__eq__, "starts": str.startswith, "ends": str.endswith, "contains": str.__contains__}
        assert all(asks[part.how](whole, part.text) for part in parts_of(Binding("tags", pattern)))
