"""Grants as people write them, and what they allow."""

import pytest

from trimtab.server.guard.principal import ANYBODY, NOBODY, SCOPES, Grant, Principal, parse_grant


@pytest.mark.parametrize("text", ["infer", "read:churn", "infer:churn-*", "operate:a?c", "feedback:*"])
def test_a_grant_is_read_and_written_alike(text):
    assert str(parse_grant(text)) == text.removesuffix(":*")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "`` is not a scope"), ("admin", "`admin` is not a scope: `infer`, `read`"), ("Infer", "not a scope"),
        ("infer:", "`` is not a pattern"), ("infer:Churn", "not a pattern"), ("infer:a/b", "not a pattern"),
        ("infer:[a]", "not a pattern"), ("infer:" + "a" * 64, "not a pattern"), ("infer:a:b", "not a pattern"),
    ],
)  # fmt: skip
def test_what_is_no_grant_says_why(text, what):
    with pytest.raises(ValueError, match=what.replace("?", r"\?")):
        parse_grant(text)


@pytest.mark.parametrize(
    ("endpoints", "endpoint", "may"),
    [
        ("*", "churn", True), ("*", "", True), ("churn", "churn", True), ("churn", "churn2", False),
        ("churn-*", "churn-eu", True), ("churn-*", "churn", False), ("churn-*", "", False), ("c?urn", "churn", True),
    ],
)  # fmt: skip
def test_a_grant_holds_for_the_endpoints_that_its_pattern_names(endpoints, endpoint, may):
    caller = Principal("key:a", (Grant("infer", endpoints),))
    assert caller.may("infer", endpoint) is may
    assert not caller.may("read", endpoint)


def test_anybody_may_all_and_nobody_nothing():
    for scope in SCOPES:
        assert ANYBODY.may(scope)
        assert ANYBODY.may(scope, "churn")
        assert not NOBODY.may(scope, "churn")
