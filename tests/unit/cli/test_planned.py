from __future__ import annotations

import pytest
import rich_click as click
from click.testing import CliRunner

from trimtab.cli.planned import plan_in, plan_options
from trimtab.core.traffic import Split
from trimtab.release.flight.plan import Limit, Plan

OWN = Plan(steps=(0.1, 0.2), watch_s=30.0, limits=(Limit("errors", at_most=0.1),), hold=True)


def typed(*words, plan=OWN):
    """The plan, or what was said of a wrong word."""
    made = []

    @click.command()
    @plan_options
    def command(**said):
        made.append(plan_in(said, plan))

    ran = CliRunner().invoke(command, words)
    return made[0] if made else ran.output


def test_what_is_not_said_is_as_in_the_file():
    assert typed() == OWN


def test_what_is_said_comes_before_the_file():
    plan = typed(
        "--steps", "1%, 2.5,100%", "--watch", "2m", "--give-up", "1d", "--by", "header:X-User", "--minimum", "7",
        "--alpha", "0.01", "--keep", "5s", "--no-hold",
    )  # fmt: skip
    assert plan == Plan(
        "canary", (0.01, 0.025, 1.0), 120.0, 86400.0, 7, OWN.limits, 0.01, Split("header", "x-user"), 5.0
    )


def test_another_kind_has_its_own_steps():
    assert typed("--kind", "shadow").steps == (1.0,)
    assert typed("--kind", "canary").steps == OWN.steps
    assert typed("--kind", "ab", "--steps", "20%").steps == (0.2,)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--steps", "50%,5%"), "no shares in percent that grow"),
        (("--steps", "a,b"), "no shares in percent"),
        (("--by", "user"), "none of `request`"),
        (("--watch", "5"), "has no unit"),
        (("--kind", "green"), "green"),
    ],
)
def test_a_wrong_word_is_named(words, what):
    assert what in " ".join(typed(*words).replace("│", " ").split())
