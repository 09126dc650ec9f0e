"""One person is one text, whichever column holds him."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from trimtab.journal.privacy.naming import octets_of


@pytest.mark.parametrize(
    "same",
    [
        ("42", 42, 42.0, b"42", np.int8(42), np.float32(42), np.uint64(42)),
        ("-3", -3, -3.0),
        ("0", 0, 0.0, -0.0),
        ("true", True, np.True_),
        ("0.1", 0.1, np.float64(0.1)),
        ("ä@x.de", "ä@x.de".encode()),
        ("", None, float("nan"), np.datetime64("NaT"), b""),
        ("2026-01-02T03:04:05", np.datetime64("2026-01-02T03:04:05"), datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001
        ("inf", float("inf")),
        (str(2**63), 2.0**63, 2**63),
    ],
)
def test_these_are_one(same):
    assert {octets_of(value) for value in same} == {same[0].encode()}


def test_what_differs_stays_apart():
    values = ["1", "01", "1.0", 1.5, "true", "True", "\udcff", -1, datetime(2026, 1, 2, tzinfo=UTC), float("-inf")]
    assert len({octets_of(value) for value in values}) == len(values)


def test_a_list_is_nobody():
    with pytest.raises(TypeError, match="a list has no name"):
        octets_of([1])
