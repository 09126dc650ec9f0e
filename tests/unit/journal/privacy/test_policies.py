"""Which policy holds for a column."""

from __future__ import annotations

import pytest

from trimtab.core.errors import Problem, UserError
from trimtab.core.policies import DROP, KEEP, Policy
from trimtab.core.signature import Field, Signature
from trimtab.journal.privacy.policies import policies_of

SIGNATURE = Signature(
    (Field("age", "INT64"), Field("email", "BYTES"), Field("born", "BYTES", kind="datetime"), Field("x", "FP64")),
    (Field("p", "FP64"), Field("x", "BYTES")),
)


def test_what_is_said_goes_before_what_was_found_and_that_before_keep():
    found = {"email": "drop", "age": "bucket 10", "gone": "drop"}
    assert policies_of(SIGNATURE, found, {"age": "keep 30d", "born": "bucket year"}) == {
        "age": Policy("keep", days=30),
        "email": DROP,
        "born": Policy("bucket", unit="year"),
        "x": KEEP,
        "p": KEEP,
    }


def test_all_faults_of_what_is_said_are_told_at_once():
    said = {"emial": "drop", "age": "bucket month", "email": "hide", "x": "bucket 10", "born": "hash"}
    with pytest.raises(UserError) as refused:
        policies_of(SIGNATURE, {}, said)
    at = "trimtab.toml [server.log.columns]"
    allowed = "`bucket 10` of numbers, or `bucket day`, `month` or `year` of times"
    assert refused.value.problems == (
        Problem("P952", "there is no column `emial`", at, "did you mean `email`?"),
        Problem(
            "P954",
            "`bucket month` does not fit `age INT64[-1]`: a bucket of numbers has a width, such as `bucket 10`",
            f"{at} `age`",
        ),
        Problem(
            "P953",
            f"`hide` is no policy: `keep`, `keep 30d`, `drop`, `hash`, `tokenise`, {allowed}",
            f"{at} `email`",
        ),
        Problem("P954", "`bucket 10` does not fit `x BYTES[-1]`: text cannot be put into buckets", f"{at} `x`"),
    )


@pytest.mark.parametrize("found", ["mask with stars", "bucket 10", "bucket day", ""])
def test_what_a_bundle_asks_for_and_cannot_be_done_keeps_nothing(found):
    assert policies_of(SIGNATURE, {"email": found, "x": found}, {})["email"] == DROP


def test_what_was_found_is_no_fault_where_something_else_is_said():
    assert policies_of(SIGNATURE, {"email": "no policy"}, {"email": "keep"})["email"] == KEEP
