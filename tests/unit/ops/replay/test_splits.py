"""One split: what is found, and what is not to be found."""

from math import comb, exp, log

import numpy as np
import pytest

from trimtab.ops.replay.features import Feature
from trimtab.ops.replay.splits import LEAST_ROWS, Counts, best_split, stands_out


def counted(rows, changed, weight=1.0):
    rows, changed = np.array(rows), np.array(changed, float)
    return Counts(rows, rows * weight, changed * weight)


def words(*labels, name="c"):
    return Feature(name, np.zeros(0, int), labels)


def numbers(*labels, named=False):
    return Feature("x", np.zeros(0, int), labels, ordered=True, named=named)


def found(feature, rows, changed, scale=1.0):
    return best_split([feature], [counted(rows, changed)], scale)


def test_the_word_that_changes_is_found():
    split = found(words("a", "b", "d"), [0, 500, 60, 500], [0, 1, 60, 0])
    assert (str(split.inside), str(split.outside)) == ("c = `b`", "c is not `b`")
    assert split.codes.tolist() == [2]


def test_a_set_of_words_is_found_where_it_tells_more_than_one():
    split = found(words("a", "b", "d", "e"), [0, 500, 60, 500, 70], [0, 1, 60, 0, 69])
    assert str(split.inside) == "c is one of `b`, `e`"


def test_the_bound_of_a_number_is_found_and_null_stays_below():
    split = found(numbers(1, 2, 3), [10, 300, 300, 300], [0, 1, 290, 300])
    assert (str(split.inside), str(split.outside)) == ("x >= 2", "x < 2 or null")


def test_a_single_whole_number_is_found():
    split = found(numbers(1, 2, 3, named=True), [0, 300, 300, 300], [0, 1, 290, 0])
    assert str(split.inside) == "x = 2"
    assert str(found(numbers(1, 2, 3, named=True), [0, 300, 300, 300], [0, 1, 0, 290]).inside) == "x = 3"


def test_null_is_found():
    assert str(found(numbers(1, 2), [100, 300, 300], [90, 1, 2]).inside) == "x is null"


def test_too_few_rows_and_too_small_an_effect_are_no_split():
    assert found(words("a", "b"), [0, 1000, LEAST_ROWS - 1], [0, 0, LEAST_ROWS - 1]) is None
    assert found(words("a", "b"), [0, 10**6, 10**6], [0, 500_000, 600_000]) is None
    assert found(words("a", "b"), [0, 10**7, 10**7], [0, 1000, 10_000]) is None
    assert found(words("a", "b"), [0, 0, 1000], [0, 0, 500]) is None


@pytest.mark.parametrize(
    ("share", "elsewhere", "out"),
    [(0.02, 0.001, True), (0.75, 0.5, True), (0.7, 0.5, False), (0.0005, 0.0, False), (0.001, 0, True)],
)
def test_what_stands_out_is_half_as_much_again(share, elsewhere, out):
    assert stands_out(share, elsewhere) is out


def hypergeometric_tail(rows, changed, drawn, least):
    most = min(drawn, changed)
    return sum(comb(changed, k) * comb(rows - changed, drawn - k) for k in range(least, most + 1)) / comb(rows, drawn)


@pytest.mark.parametrize(("drawn", "hits"), [(40, 10), (40, 20), (100, 25), (20, 4), (300, 48)])
def test_the_chance_is_never_below_the_exact_one(drawn, hits):
    split = found(words("a", "b"), [0, 1000 - drawn, drawn], [0, 60 - hits, hits])
    families, tries = 1, 2
    exact = hypergeometric_tail(1000, 60, drawn, hits)
    assert exp(split.log_chance) >= exact * families * tries


def test_the_search_has_its_price():
    one = best_split([words("a", "b")], [counted([0, 900, 100], [0, 0, 30])], 1.0)
    many = best_split(
        [words("a", "b"), words(*map(str, range(50)), name="other")],
        [counted([0, 900, 100], [0, 0, 30]), counted([0] + [20] * 50, [0] + [0] * 20 + [1] * 30)],
        1.0,
    )
    assert str(many.inside) == str(one.inside)
    assert many.log_chance > one.log_chance + log(2)


def test_weights_count_by_what_they_tell():
    full = found(words("a", "b"), [0, 900, 100], [0, 9, 30])
    half = found(words("a", "b"), [0, 900, 100], [0, 9, 30], 0.5)
    assert full.log_chance - log(4) == pytest.approx(2 * (half.log_chance - log(4)))
