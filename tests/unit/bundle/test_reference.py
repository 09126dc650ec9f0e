import pytest

from trimtab.bundle.reference import Reference, parse_reference
from trimtab.core.errors import UserError

DIGITS = "9f2c41d0" * 8


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("churn", Reference("churn")),
        ("churn:stable", Reference("churn", "stable")),
        ("churn@sha256:9f2c41", Reference("churn", digits="9f2c41")),
        (f"churn@sha256:{DIGITS}", Reference("churn", digits=DIGITS)),
        (f"sha256:{DIGITS}", Reference("", digits=DIGITS)),
    ],
)
def test_a_reference_is_read_and_written_as_it_is_typed(text, reference):
    assert parse_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize("text", [".", "./churn", "../churn", "a/b", "/srv/churn", ".trimtab", "a/churn:latest"])
def test_a_path_is_no_reference(text):
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "sha256:9f2c4", "sha256:", "sha256:9F2C41D0", f"sha256:{DIGITS}0", "churn@9f2c41d0", "churn@",
        "churn@sha512:9f2c41d0",
        "churn@sha256:9f2c41d0 ", "sha256:9f2c41d0\n",
    ],
)  # fmt: skip
def test_a_digest_that_is_none_is_refused(text):
    with pytest.raises(UserError) as caught:
        parse_reference(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P231", f"`{text}`")
