from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import NATIVE_LINKS, Facts
from trimtab.bundle.forest.links import LINKS, answers
from trimtab.bundle.forest.native import NativeWalk
from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array

SCORES = [-800.0, -745.2, -100.0, -88.8, -17.5, -1.0, -1e-300, -0.0, 0.0, 1e-20, 0.1, 3.0, 88.8, 710.0, 1e308]


def facts(link: str, groups: int = 1) -> Facts:
    return Facts("none", columns=2, groups=groups, rows="float64", casts=False, link=link, scale=0.7, flat=groups == 1)


def linked(link: str, scores: Array) -> Array:
    """By numpy and `math`."""
    return answers(scores.copy(), facts(link, scores.shape[1]), linked=False)


def test_the_plain_links_are_what_they_are_called() -> None:
    scores = np.array([[-1.0], [0.5]])
    assert linked("logistic", scores).tolist() == [1 / (1 + math.exp(0.7)), 1 / (1 + math.exp(-0.35))]
    assert linked("exp", scores).tolist() == [math.exp(-1), math.exp(0.5)]
    assert linked("log1p_exp", scores).tolist() == [math.log1p(math.exp(-1)), math.log1p(math.exp(0.5))]
    assert linked("square", scores).tolist() == [-1.0, 0.25]
    assert linked("hinge", scores).tolist() == [0.0, 1.0]
    assert linked("two_chances", scores)[:, 1].tolist() == linked("logistic", scores).tolist()
    assert linked("argmax", np.array([[1.0, 3.0, 3.0]])).tolist() == [[1.0]]
    for name in ("softmax", "softmax_rows", "softmax_columns"):
        assert linked(name, np.array([[1.0, 3.0, 800.0]])).tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.skipif(library() is None, reason="needs the native kernel, which was not built: there is no C compiler")
@pytest.mark.parametrize("link", sorted(NATIVE_LINKS))
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_the_kernels_links_have_the_same_bits(a_forest: Callable[..., Forest], link: str) -> None:
    """Scores come as the base of a forest whose tree adds zero."""
    dtype = np.float32 if link.endswith("single") else np.float64
    chance = np.random.default_rng(3)
    with np.errstate(over="ignore"):
        scores = np.array([*SCORES, *chance.normal(size=200) * 20, np.inf, -np.inf], dtype)
    made = a_forest()
    values = np.zeros_like(made.tables.values, dtype)
    for first in range(len(scores) - 2):
        base = scores[first : first + 3]
        said = replace(facts(link, 3), flat=False)
        changed = replace(made.tables, values=np.zeros((len(values), 1), dtype), base=base.copy())
        found, fault = NativeWalk(changed, said, library())(np.zeros((1, 2)), answers=True)
        wanted = LINKS[link](base[None, :].copy(), 0.7)
        assert fault == 0
        assert found.dtype == wanted.dtype == dtype
        assert np.array_equal(found, wanted, equal_nan=True), base
