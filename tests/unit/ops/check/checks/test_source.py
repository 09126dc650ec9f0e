import pytest

from trimtab.bundle.manifest import Source as Packed
from trimtab.ops.check.checks.source import check
from trimtab.ops.check.subject import CannotError
from trimtab.release.promotion.values import Source

A, B = "a" * 40, "b" * 40


def found(subject, bench, bundle, packed, source):
    return check(subject(made=bundle(source=packed), source=source), bench())


@pytest.mark.parametrize(
    ("packed", "source", "verdicts"),
    [
        (Packed(A), Source(A, "refs/heads/main", "ann@example"), ["PASS", "PASS"]),
        (Packed(A), Source(B), ["PASS", "FAIL"]),
        (Packed(A, dirty=True), Source(A), ["FAIL", "PASS"]),
        (Packed(A), None, ["PASS", "UNKNOWN"]),
        (Packed(A), Source(), ["PASS", "UNKNOWN"]),
    ],
)
def test_the_commit_that_was_packaged_is_the_one_that_is_released(packed, source, verdicts, subject, bench, bundle):
    made = found(subject, bench, bundle, packed, source)
    assert [one.verdict for one in made.measures] == verdicts
    assert made.facts["commit"] == A


def test_a_bundle_of_no_repository_is_unknown(subject, bench, bundle):
    with pytest.raises(CannotError, match="outside of a git repository"):
        found(subject, bench, bundle, Packed(), Source(A))
