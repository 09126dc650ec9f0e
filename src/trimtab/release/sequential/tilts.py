"""The bets that all tests of shares make, and what was won.

Of numbers x in [0, 1] whose mean, given all that came before, is at most p, the capital of a bet `theta` > 0,

    exp(theta * sum of x) / (1 + (e^theta - 1) * p) ** n,

does not grow on average, as e^(theta x) <= 1 + (e^theta - 1) x (Hoeffding 1963, 4.16); for theta < 0 the same where
the mean is at least p. Who divides one unit among several thetas has, by Ville's inequality (1939), more than 1 / alpha
at any time with a chance of alpha at most. So it may be looked at after every answer (Robbins 1970; Howard, Ramdas,
McAuliffe and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences", the sub-Bernoulli case).
As the logarithm is concave, it holds for the average of means that change from answer to answer.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["COST", "LEANS", "LEAST", "THETAS", "Floats", "Numbers", "divided", "from_any_start", "partly", "since"]

Floats: TypeAlias = NDArray[np.float64]
# a number, or one for each of many flights
Numbers: TypeAlias = "float | NDArray[Any]"
# log odds: from one hundredth more, where much is asked, to almost everything, where a few answers must do; between two
# neighbours a tenth of the growth is lost at most
THETAS: Final[Floats] = np.array([0.02, 0.04, 0.08, 0.15, 0.27, 0.45, 0.72, 1.1, 1.7, 2.6, 4.0, 6.5])
LEANS: Final[Floats] = np.expm1(THETAS)
COST: Final = float(np.log(len(THETAS)))  # of one bet among all of them
_FROM_THE_FIRST: Final = 0.8
_KEPT: Final = 0.2
LEAST: Final = float(np.log(_KEPT))  # of what is kept back


def divided(capital: Floats) -> Floats:
    """The logarithm of what one unit has become that was divided equally among bets, which are the last axis."""
    most = capital.max(axis=-1, keepdims=True)
    return np.asarray(most[..., 0] + np.log(np.exp(capital - most).mean(axis=-1)))


def partly(capital: Floats) -> Floats:
    """The same where a part of the unit was kept back, and so is never lost."""
    return np.asarray(np.logaddexp(divided(capital) + np.log1p(-_KEPT), LEAST))


def from_any_start(since: Floats) -> Floats:
    """What was won of one unit by starting at each stratum; since: of a unit for each, logarithms, the last axis.

    A fifth of it waits to be staked at the beginning of the second stratum, the third and so on: what breaks in a later
    one is not made up for by what was well before. All starts together are one unit that was divided.
    """
    later = np.arange(1.0, since.shape[-1])
    parts = np.concatenate([[_FROM_THE_FIRST], (1 - _FROM_THE_FIRST) / (later * (later + 1))])
    return np.asarray(since + np.log(parts))


def since(won: Floats) -> Floats:
    """From each stratum, the last axis, to the last one: sums."""
    return np.asarray(np.cumsum(won[..., ::-1], axis=-1)[..., ::-1])
