"""Values of a sample give away what a column holds."""

from __future__ import annotations

import numpy as np
import pytest

from trimtab.bundle.privacy.values import are_persons, believable, kind_held, see
from trimtab.core.table import Column

EMAILS = ["anna@example.org", "bert@example.com", "c.d@sub.example.net"]
CARDS = ["4111111111111111", "5500000000000004", "340000000000009"]
REVIEWS = [
    "I waited two hours and nobody came to help me",
    "Great service, friendly people, would come again any day",
    "The parcel was open when it arrived at my door",
]


def column(values, dtype=object):
    missing = np.array([value is None for value in values])
    array = np.empty(len(values), object) if dtype is object else np.array(values, dtype)
    array[:] = values
    return Column(array, missing if missing.any() else None)


def held(values, dtype=object):
    return kind_held(see(column(values, dtype)))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (EMAILS, "email"),
        ([*EMAILS, None, ""], "email"),
        ([*EMAILS, "unknown", "-"], "email"),
        (["see anna@example.org", *"abcdefgh"], "email"),
        (CARDS, "card"),
        (CARDS[:2], None),
        (["4111111111111112", "5500000000000005", "340000000000001"], None),
        (["DE89370400440532013000"], "account"),
        (["10.0.0.1", "2001:db8::1"], "ip"),
        (["123-45-6789"], "social"),
        (["+49 30 1234567", "0171-2345678", "n/a"], "phone"),
        (REVIEWS, "text"),
        (REVIEWS * 5, None),
        (["yes", "no"] * 5, None),
        (["Anna Schmidt", "Bert Brecht", "Carla Bruni"], None),
        (["AA", "UA", "DL"], None),
        ([None, None], None),
        ([], None),
    ],
)
def test_texts_are_what_most_of_them_are(values, kind):
    assert held(values) == kind


def test_numbers_are_looked_at_too():
    cards = [int(card) for card in CARDS]
    assert held(cards, np.int64) == "card"
    assert held([float(card) for card in cards] + [float("nan"), float("inf")], np.float64) == "card"
    assert held(list(range(4_000_000_000_000_000, 4_000_000_000_000_100)), np.int64) is None
    assert held([1.5, float("nan"), 1e300], np.float64) is None


def test_lists_are_looked_into():
    ragged = np.empty(2, object)
    ragged[:] = [np.array(EMAILS, object), None]
    assert kind_held(see(Column(ragged, np.array([False, True])))) == "email"
    assert kind_held(see(Column(np.array([EMAILS, EMAILS], object)))) == "email"


def test_what_cannot_be_looked_at_is_nothing():
    assert kind_held(see(None)) is None
    assert held([b"anna@example.org", b"\xff"]) is None
    assert kind_held(see(Column(np.array(["2026-01-01", "NaT"], "datetime64[us]")))) is None
    assert held([True, False], bool) is None


def test_values_are_taken_from_the_whole_of_a_large_sample():
    values = ["x"] * 100_000
    values[50_000:] = ["anna@example.org"] * 50_000
    assert held(values) == "email"
    assert len(see(column(values)).texts) <= 2000
    assert all(len(text) <= 2000 for text in see(column(["y " * 10**6])).texts)


def test_persons_are_names_of_two_words_and_many_other_things():
    assert are_persons(see(column(["Anna Schmidt", "Bert Brecht", "?"])))
    assert are_persons(see(column(["New York", "Los Angeles"])))
    assert not are_persons(see(column(["anna", "bert"])))
    assert not are_persons(see(column([])))


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("email", ["daily", "weekly"], False),
        ("email", ["none", "a@b"], True),
        ("phone", ["yes", "no"], False),
        ("phone", ["12"], True),
        ("text", ["low", "high"], False),
        ("name", ["x"], True),
        ("email", [], True),
    ],
)
def test_values_may_contradict_a_name(kind, values, expected):
    assert believable(kind, see(column(values))) is expected


def test_numbers_may_contradict_a_name():
    assert not believable("phone", see(column([1.0, 3.0], np.float64)))
    assert believable("phone", see(column([491712345678], np.int64)))
    assert believable("age", see(column([3.0], np.float64)))
