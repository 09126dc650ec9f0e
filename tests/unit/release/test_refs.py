import pytest

from trimtab.release.refs import bound, matches, name_fault, pattern_fault


@pytest.mark.parametrize(
    ("pattern", "name", "is_one"),
    [
        ("main", "main", True),
        ("main", "main2", False),
        ("main", "a/main", False),
        ("v*", "v1.2", True),
        ("v*", "v", True),
        ("v*", "v1/evil", False),
        ("v*", "xv1", False),
        ("release/*", "release/a", True),
        ("release/*", "release/a/b", False),
        ("release/**", "release/a/b", True),
        ("v1.0", "v1x0", False),
        ("v*", "v1\n", True),
        ("v1", "v1\n", False),
    ],
)
def test_a_star_stops_at_a_slash_and_two_do_not(pattern, name, is_one):
    assert matches(pattern, name) is is_one
    assert bound(f"refs/heads/{name}", branch=pattern) is is_one  # what is resolved and what is judged are one


@pytest.mark.parametrize(
    "pattern",
    [
        "", "a b", "a..b", "-x", "/x", "x/", "x.", "a//b", ".x", "a/.x", "x.lock", "x.lock/y", "x~1", "x^", "x:y", "v?",
        "v[0-9]", "a\\b", "@", "a@{1}", "a\tb", "refs/heads/main", "***",
    ],
)  # fmt: skip
def test_what_git_has_no_name_for_matches_nothing_and_is_a_fault(pattern):
    assert pattern_fault(pattern)


@pytest.mark.parametrize("pattern", ["main", "v*", "release/**", "*", "feature/x-1_2@y", "v*.*.*", "lock"])
def test_what_git_has_names_for_is_none(pattern):
    assert pattern_fault(pattern) == ""
    assert bool(name_fault(pattern)) is ("*" in pattern)  # which no name has


@pytest.mark.parametrize(
    ("ref", "branch", "tag", "taken"),
    [
        ("refs/heads/main", "main", "", True),
        ("refs/heads/main2", "main", "", False),
        ("refs/heads/a/main", "main", "", False),
        ("refs/tags/main", "main", "", False),
        ("refs/tags/v1.2", "", "v*", True),
        ("refs/tags/v1/2", "", "v*", False),
        ("refs/tags/v1/2", "", "v**", True),
        ("refs/heads/v1", "", "v*", False),
        ("refs/heads/release/1", "release/*", "v*", True),
        ("refs/tags/v3", "release/*", "v*", True),
        ("refs/tags/vx", "", "v.", False),
        ("refs/tags/v\n", "", "v", False),
        ("refs/pull/1/merge", "**", "**", False),
        ("", "", "", True),
        ("", "main", "", False),
    ],
)
def test_what_an_environment_takes(ref, branch, tag, taken):
    assert bound(ref, branch, tag) is taken
