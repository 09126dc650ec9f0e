"""Numbers as people read them."""

import pytest

from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.words import between, counted, percent, rows, seconds, short, signed


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"), (1, "100 %"), (0.0543, "5.43 %"), (0.5, "50 %"), (0.123456, "12.3 %"), (0.9997, "99.97 %"),
        (0.99999, "99.999 %"), (0.000118, "0.0118 %"), (1e-7, "0.00001 %"), (1 - 1e-15, "100 %"), (1e-16, "0 %"),
        (0.1 + 0.2, "30 %"),
    ],
)  # fmt: skip
def test_a_share_has_three_digits_and_is_never_rounded_to_all_or_none(share, words):
    assert percent(share) == words


def test_an_interval_and_what_it_is_of():
    share = Share(0.05, 0.04, 0.06, 1000, 50, 900, 4000.4, 800)
    assert between(share) == "4 to 6 %"
    assert counted(share, "rows") == "50 of 1,000 rows, which stand for 4,000"
    assert counted(Share(0.05, 0.04, 0.06, 1000, 50, 900, 1000.0, 800), "rows") == "50 of 1,000 rows"


def test_small_words():
    assert [seconds(value) for value in (1.5, 0.0123, 3.5e-5, 2e-9)] == ["1.5 s", "12.3 ms", "35 us", "2 ns"]
    assert [signed(value) for value in (0.25, -3, 0.0, -0.0)] == ["+0.25", "-3", "0", "0"]
    assert [rows(1), rows(2000)] == ["1 row", "2,000 rows"]
    assert short("a@sha256:" + "0123456789abcdef" * 4) == "a@sha256:0123456789ab"
