"""Options of `trimtab simulate` that say what traffic is like, and what the challenger makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from trimtab.cli.options import Duration

if TYPE_CHECKING:
    from trimtab.ops.simulate.world import World

__all__ = ["world_in", "world_options"]

F = TypeVar("F", bound=Callable[..., Any])
_SHARE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%?)")
_FACTOR: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)x")
_ALL: Final = 100


class _Share(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """A share, 0 to 1."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`2%`, `0.02`."""
        if isinstance(value, float):
            return value
        found = _SHARE.fullmatch(value)
        share = float(found[1]) / (_ALL if found[2] else 1) if found else -1.0
        if not 0 <= share <= 1:
            self.fail(f"`{value}` is no share such as `2%` or `0.02`", param, ctx)
        return share


class _Slower(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """How many times as long, or how long: (factor, None) or (None, seconds)."""

    name = "latency"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`2x`, `80ms`."""
        if isinstance(value, tuple):
            return value
        found = _FACTOR.fullmatch(value)
        if found is None:
            return None, Duration().convert(value, param, ctx)
        if not float(found[1]):
            self.fail("`0x` is no time at all", param, ctx)
        return float(found[1]), None


def world_options(command: F) -> F:
    """Traffic that is described; of recorded traffic only what the challenger makes of it counts."""
    for option in (
        click.option("--callers", type=click.IntRange(0), default=0, metavar="N", help="People who ask."),
        click.option("--truth", type=Duration(), default=None, metavar="TIME", help="Quality is known so late."),
        click.option("--quality-name", default="quality", show_default=True, metavar="NAME", help="In a limit."),
        click.option("--challenger-quality", type=_Share(), metavar="90%", help="Right answers of the challenger."),
        click.option("--quality", type=_Share(), default=1.0, metavar="90%", help="Right answers of the champion."),
        click.option("--shift", type=float, default=0.0, metavar="SD", help="Of the challenger's output."),
        click.option("--disagreement", type=_Share(), default=0.0, metavar="5%", help="Answers that differ."),
        click.option(
            "--challenger-latency", type=_Slower(), default="1x", metavar="2x|80ms",
            help="Of the challenger: so many times as long, or its own median.",
        ),
        click.option("--p99", type=Duration(), default=None, metavar="120ms", help="99 % within; 3 medians."),
        click.option("--latency", type=Duration(), default="40ms", show_default=True, metavar="TIME", help="Median."),
        click.option("--challenger-errors", type=_Share(), metavar="8%", help="Of the challenger; as the champion."),
        click.option("--errors", type=_Share(), default=0.0, metavar="2%", help="Failed answers of the champion."),
        click.option("--daily", type=_Share(), default=0.0, metavar="50%", help="Up and down over the day."),
        click.option(
            "--rate", type=click.FloatRange(0, min_open=True), default=20.0, show_default=True, metavar="N",
            help="Requests a second.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def world_in(said: Mapping[str, Any]) -> World:
    """What `world_options` describe."""
    from trimtab.ops.simulate.world import Lognormal, Side, Truths, World

    median = said["latency"]
    latency = Lognormal(median, max(said["p99"] or 3 * median, median * (1 + 1e-6)))
    factor, own = said["challenger_latency"]
    errors, quality = said["challenger_errors"], said["challenger_quality"]
    challenger = Side(
        said["errors"] if errors is None else errors,
        latency.slower(own / median if factor is None else factor),
        said["shift"],
        said["quality"] if quality is None else quality,
    )
    truths = None if said["truth"] is None else Truths(said["quality_name"], said["truth"])
    champion = Side(said["errors"], latency, 0.0, said["quality"])
    return World(said["rate"], said["daily"], champion, challenger, said["disagreement"], truths, said["callers"])
