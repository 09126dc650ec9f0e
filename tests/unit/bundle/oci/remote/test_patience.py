"""How long is waited: twice as long each time, never longer than allowed, and no more often."""

import pytest

from trimtab.bundle.oci.remote.patience import Patience, asked_pause

NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


def test_pauses_double_up_to_the_longest_and_end():
    patience = Patience(attempts=6, first_s=1, longest_s=5)
    assert [patience.pause_s(failed, None, 1.0) for failed in range(1, 7)] == [1, 2, 4, 5, 5, None]


def test_chance_takes_away_up_to_half():
    assert Patience(first_s=1).pause_s(1, None, 0.0) == 0.5


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 0.0), (7.0, 7.0), (60.0, 60.0), (61.0, None)])
def test_what_the_registry_asks_for_is_kept_or_not_at_all(asked, pause):
    assert Patience().pause_s(1, asked, 0.5) == pause


def test_a_transfer_may_take_longer_the_more_there_is_of_it():
    assert Patience(silence_s=10, slowest=100).time_s(1000) == 20


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "9" * 30}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:47 GMT", "date": NOW}, 10.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:27 GMT", "date": NOW}, 0.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"}, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers, pause):
    assert asked_pause(headers) == pause
