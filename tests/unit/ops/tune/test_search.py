"""The search against trying everything, on simulated machines: noise, a rising load, bursts of something else."""

import math
import random

import pytest
from scipy.stats import wilcoxon

from trimtab.ops.tune.measured import Level, Trial
from trimtab.ops.tune.search import Next, Race, Stop, decide, finalists, interval, ratio, standings
from trimtab.ops.tune.wishes import Goal

GOAL = Goal("p99", 0.02)


def trial(arm, turn, per_s, p99=0.001):
    return Trial(arm, turn, (Level(1, 100, per_s, p99 / 2, p99, p99),))


class Machine:
    """True capacities of some settings, and what a measurement makes of them."""

    def __init__(self, seed, noise=0.08, bursts=0.03):
        self.chance = random.Random(seed)
        self.true = [1000 * math.exp(self.chance.gauss(0, 0.5)) for _ in range(self.chance.randint(2, 24))]
        self.noise, self.busy, self.bursts = noise, 0, bursts

    def measure(self, step):
        if self.busy == 0 and self.chance.random() < self.bursts:
            self.busy = self.chance.randint(1, 5)
        slow = 0.5 if self.busy else 1.0
        self.busy = max(0, self.busy - 1)
        drift = 1 - 0.03 * step.turn
        return trial(
            step.arm, step.turn, self.true[step.arm] * slow * drift * math.exp(self.chance.gauss(0, self.noise))
        )


def run(machine, most=10_000):
    race = Race(len(machine.true), GOAL, frozenset({0}))
    trials = []
    while isinstance(step := decide(race, trials), Next) and len(trials) < most:
        trials.append(machine.measure(step))
    return race, trials, step


def test_the_search_comes_within_a_tenth_of_exhaustive_search_on_nearly_all_machines():
    near, cost = 0, 0.0
    for seed in range(150):
        machine = Machine(seed)
        race, trials, _ = run(machine)
        chosen = standings(race, trials)[0].arm
        near += machine.true[chosen] >= 0.9 * max(machine.true)
        cost += len(trials) / (12 * len(machine.true))
    assert near >= 147
    assert cost / 150 < 0.6  # of what all rounds of all settings would cost


def test_without_noise_the_best_is_always_found():
    for seed in range(40):
        machine = Machine(seed, noise=0.0, bursts=0.0)
        race, trials, _ = run(machine)
        assert machine.true[standings(race, trials)[0].arm] == max(machine.true)


@pytest.mark.parametrize("most", [1, 5, 17])
def test_a_search_that_is_cut_short_names_one_that_was_tried(most):
    machine = Machine(3)
    race, trials, step = run(machine, most)
    assert isinstance(step, Next)
    assert standings(race, trials)[0].arm in {one.arm for one in trials}


def test_a_decision_depends_on_the_trials_alone_and_not_on_their_order():
    race, trials, _ = run(Machine(5), 40)
    for cut in range(len(trials)):
        some = trials[:cut]
        assert decide(race, some) == decide(race, list(reversed(some)))
    assert decide(race, trials[:39]) == Next(trials[39].arm, trials[39].turn)


def test_the_present_setting_runs_to_the_end_and_a_failed_one_not_at_all():
    race = Race(6, GOAL, frozenset({0}))
    trials = []
    while isinstance(step := decide(race, trials), Next):
        trials.append(
            Trial(1, step.turn, fault="no server")
            if step.arm == 1
            else trial(step.arm, step.turn, 10.0 + 100 * step.arm)
        )
    turns = {arm: {one.turn for one in trials if one.arm == arm} for arm in range(6)}
    assert turns[0] == turns[5] != turns[2]
    assert len(turns[1]) == 1
    assert 1 not in {one.arm for one in standings(race, trials)}
    assert ratio(race, trials, 5, 0) == pytest.approx((51.0, 51.0, 51.0))
    assert ratio(race, trials, 5, 1) is None


def test_where_nothing_answers_the_search_stops():
    race = Race(2, GOAL)
    failed = [Trial(0, 0, fault="x"), Trial(1, 0, fault="y")]
    assert decide(race, failed) == Stop("no setting answers")
    assert standings(race, failed) == []


def test_a_setting_that_misses_the_goal_comes_behind_a_slower_one_that_keeps_it():
    race = Race(2, GOAL)
    trials = [one for turn in range(5) for one in (trial(0, turn, 900, p99=0.1), trial(1, turn, 500, p99=0.01))]
    assert [one.arm for one in standings(race, trials)] == [1, 0]


@pytest.mark.parametrize(
    ("factors", "first"),
    [
        ((1.01,) * 5, 0),  # better, but not worth a change
        ((1.05, 1.06, 0.9, 1.07, 1.05), 0),  # not shown
        ((3.0, 3.0), 0),  # too few rounds
        ((1.05,) * 5, 1),
        ((1.3, 1.4, 0.9, 1.5, 1.2), 0),  # large, and not shown
    ],
)
def test_the_present_setting_stays_unless_another_is_shown_to_be_worth_it(factors, first):
    race = Race(2, GOAL, frozenset({0}))
    pairs = [(trial(0, turn, 100), trial(1, turn, 100 * factor)) for turn, factor in enumerate(factors)]
    assert finalists(race, [one for pair in pairs for one in pair])[0] == first
    assert finalists(race, []) == []


def test_an_interval_of_few_pairs_is_all_of_them():
    assert interval([3.0]) == (3.0, 3.0, 3.0)
    assert interval([5, 1, 3]) == (1, 3, 5)
    assert interval([1, 2, 3, 4, 5]) == (1, 3, 5)  # 1/32 on each side


@pytest.mark.parametrize("count", range(5, 13))
def test_an_interval_is_above_nought_where_the_signed_rank_test_says_so(count):
    chance = random.Random(count)
    for _ in range(200):
        values = [chance.gauss(0.6, 1) for _ in range(count)]
        shown = wilcoxon(values, alternative="greater", method="exact").pvalue <= 0.05
        low, middle, high = interval(values)
        assert (low > 0) == shown
        assert low <= middle <= high
        assert interval([-value for value in values]) == (-high, pytest.approx(-middle), -low)


def test_one_pair_that_contradicts_a_little_does_not_hide_what_six_show():
    assert interval([0.3, 0.28, 0.25, 0.31, 0.27, -0.02])[0] > 0
    assert interval([0.3, 0.28, 0.25, 0.31, 0.27, -0.4])[0] < 0
