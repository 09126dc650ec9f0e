"""Options of `trimtab fly` that say how it is flown, ahead of `[flight]` in trimtab.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from trimtab.cli.options import Duration
from trimtab.project.flight import STEPS
from trimtab.project.flight_keys import KIND_NAMES
from trimtab.project.split import parse_split
from trimtab.project.units import shares
from trimtab.release.flight.plan import Plan

if TYPE_CHECKING:
    from trimtab.core.traffic import Split

__all__ = ["plan_in", "plan_options"]

F = TypeVar("F", bound=Callable[..., Any])
_NAMES: Final = {"watch": "watch_s", "give_up": "give_up_s", "by": "split", "keep": "keep_s"}


class _Steps(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """Shares, of percents that grow."""

    name = "steps"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """`5%,25%,50%`, with or without the signs."""
        try:
            numbers = [float(one.strip().removesuffix("%")) for one in value.split(",")]
            return shares(numbers)
        except ValueError:
            self.fail(f"`{value}` are no shares in percent that grow, such as `5%,25%,50%`", param, ctx)


class _Split(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """What decides who is answered by the challenger."""

    name = "split"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Split:
        """`request`, `principal`, `header:NAME`, `column:NAME`."""
        try:
            return parse_split(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def plan_options(command: F) -> F:
    """How it is flown; what is not said is as in `[flight]`."""
    for option in (
        click.option("--hold/--no-hold", default=None, help="A person promotes at the end: `trimtab flights promote`."),
        click.option("--keep", type=Duration(), metavar="TIME", help="How long a blue-green flight can go back."),
        click.option(
            "--alpha", type=click.FloatRange(1e-6, 0.5), metavar="P",
            help="Chance of rolling back a challenger that keeps to every limit.",
        ),
        click.option("--minimum", type=click.IntRange(1), metavar="N", help="Least answers at each step."),
        click.option(
            "--by", type=_Split(), metavar="WHAT",
            help="Who stays with an arm: each `request`, a `principal`, `header:NAME`, `column:NAME`.",
        ),
        click.option("--give-up", type=Duration(), metavar="TIME", help="Go back if it is not done by then."),
        click.option("--watch", type=Duration(), metavar="TIME", help="Least time at each step."),
        click.option("--steps", type=_Steps(), metavar="5%,25%,50%", help="Shares of requests, growing."),
        click.option("--kind", type=click.Choice(KIND_NAMES), help="How it is flown; `canary` if nobody says."),
    ):  # fmt: skip
        command = option(command)
    return command


def plan_in(said: Mapping[str, Any], plan: Plan) -> Plan:
    """What was said of `plan_options`, the rest as in the plan; another kind has its own steps."""
    names = ("kind", "steps", "watch", "give_up", "by", "minimum", "alpha", "keep", "hold")
    own = {_NAMES.get(name, name): said[name] for name in names if said[name] is not None}
    if own.get("kind", plan.kind) != plan.kind:
        own.setdefault("steps", STEPS[own["kind"]])
    return replace(plan, **own)
