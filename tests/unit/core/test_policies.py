"""Policies as people write them."""

from __future__ import annotations

import pytest

from trimtab.core.policies import DROP, KEEP, Policy, misfit, parse_policy
from trimtab.core.signature import Field

WRITTEN = {
    "keep": KEEP,
    "keep 30d": Policy("keep", days=30),
    "drop": DROP,
    "hash": Policy("hash"),
    "tokenise": Policy("tokenise"),
    "bucket 10": Policy("bucket", width=10.0),
    "bucket 0.1": Policy("bucket", width=0.1),
    "bucket 2.5e-7": Policy("bucket", width=2.5e-7),
    "bucket day": Policy("bucket", unit="day"),
    "bucket month": Policy("bucket", unit="month"),
    "bucket year": Policy("bucket", unit="year"),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_policy_is_read_and_written_back(text):
    assert parse_policy(text) == WRITTEN[text]
    assert parse_policy(str(WRITTEN[text])) == WRITTEN[text]
    assert parse_policy(f"  {text.replace(' ', '   ')} ") == WRITTEN[text]


@pytest.mark.parametrize(
    "text",
    ["", "Keep", "drop 3", "keep 0d", "keep 30", "keep 30h", "keep 9999999d", "bucket", "bucket 0", "bucket -1",
     "bucket nan", "bucket inf", "bucket 1_0", "bucket week", "bucket 10 20", "hash month", "hash;drop",
     "bucket \u0661\u0660", "bucket 999999999999999999e99x", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_policy_is_told_what_is_one(text):
    with pytest.raises(ValueError, match=r"is no policy: `keep`, `keep 30d`, `drop`") as refused:
        parse_policy(text)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        (Field("x", "BYTES"), "bucket 10", "text cannot be put into buckets"),
        (Field("x", "BYTES", kind="bytes"), "bucket day", "raw bytes cannot be put into buckets"),
        (Field("x", "BOOL"), "bucket 10", "truth values cannot be put into buckets"),
        (Field("x", "BYTES", kind="datetime"), "bucket 10", "a bucket of times is a `day`, a `month` or a `year`"),
        (Field("x", "FP64"), "bucket month", "a bucket of numbers has a width, such as `bucket 10`"),
        (Field("x", "INT64"), "bucket 1", "a bucket of integers is two or more wide, and a whole number"),
        (Field("x", "UINT8"), "bucket 2.5", "a bucket of integers is two or more wide, and a whole number"),
        (Field("x", "UINT8"), "bucket 2", ""),
        (Field("x", "FP16"), "bucket 0.5", ""),
        (Field("x", "BYTES"), "hash", ""),
    ],
)
def test_a_policy_fits_a_column_or_says_why_not(field, text, why):
    assert misfit(field, parse_policy(text)) == why
