"""Plain words: which way, how much, how sure."""

from dataclasses import replace
from math import inf

import pytest

from trimtab.ops.readout.effects import Effect
from trimtab.ops.readout.looks import looks_of_answers
from trimtab.ops.readout.readout import readout
from trimtab.ops.readout.words import arms, lines, sentence

ERRORS = Effect("errors", "errors", 0.02, 0.024, 0.004, 0.001, 0.007, 117_952, 6208, 0.05)
LATENCY = Effect("latency", "p99", 0.1, 0.16, 1.6, 1.2, 2.1, 1000, 100, 0.05)
FEW = "too few answers for an interval"


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (ERRORS, "the challenger's error rate is 0.4 points higher (0.1 to 0.7): it is worse"),
        (
            replace(ERRORS, effect=-0.004, low=-0.007, high=-0.001),
            "the challenger's error rate is 0.4 points lower (0.1 to 0.7): it is better",
        ),
        (
            replace(ERRORS, low=-0.001),
            "the challenger's error rate is 0.4 points higher (-0.1 to 0.7): no difference is proved",
        ),
        (
            replace(ERRORS, low=-inf, high=inf),
            f"the challenger's error rate is 0.4 points higher ({FEW}): no difference is proved",
        ),
        (LATENCY, "the challenger's 99 % latency is 1.6 times the champion's (1.2 to 2.1): it is worse"),
        (
            replace(LATENCY, low=0.8, high=inf),
            "the challenger's 99 % latency is 1.6 times the champion's (0.8 or more): no difference is proved",
        ),
        (
            replace(ERRORS, of="output", name="y"),
            "the challenger's mean of `y` is 0.004 higher (0.001 to 0.007): it is another",
        ),
        (
            replace(ERRORS, of="quality", name="right"),
            "the challenger's `right` is 0.004 higher (0.001 to 0.007): it is better",
        ),
    ],
)
def test_a_sentence_says_which_way_and_how_sure(effect, said):
    assert sentence(effect) == said


def test_both_arms_are_named_with_their_counts():
    assert arms(ERRORS) == "2.4 % of 6,208 against 2 % of 117,952"
    assert arms(LATENCY) == "160 ms of 100 against 100 ms of 1,000"


def test_the_text_of_a_whole_readout(made_up, golden):
    looks = looks_of_answers(made_up(), 12)
    parts = {"plan = `family`": looks_of_answers(made_up(3000, seed=2), 1)}
    text = "".join(f"{topic:<10} {said}\n" for topic, said in lines(readout("churn-1", looks, 0.05, parts)))
    golden("readout.txt", text)
