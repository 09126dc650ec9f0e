"""The five pictures of the report as SVG that takes its colours and its font from the page around it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from quality import calibration
from results import Results

__all__ = ["by_hour", "calibrated", "flown", "gains", "latency"]

# stand-ins that no picture would use by chance; each becomes a variable of the page's style
COLOURS: Final = {"ink": "#010203", "muted": "#040506", "grid": "#070809", "model": "#0a0b0c", "seen": "#0d0e0f"}
SIZE: Final = (5.2, 3.5)  # inches, 72 units each
STYLE: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "trimtab",
    "font.size": 11,
    "font.family": "sans-serif",
    "text.color": COLOURS["ink"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.edgecolor": COLOURS["grid"],
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "grid.color": COLOURS["grid"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2.2,
    "figure.constrained_layout.use": True,
}


def _drawn(draw: Callable[[Any], None]) -> str:
    """The SVG element of one picture."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE)
        draw(figure.add_subplot())
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1), count=1
    )
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def calibrated(results: Results) -> str:
    """What was said against what was seen, in ten groups."""

    def draw(axes: Any) -> None:
        groups = calibration(results.truth, results.served)
        top = float(groups[["said", "seen"]].to_numpy().max()) * 1.1
        axes.plot([0, top], [0, top], color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate("said = seen", (top * 0.86, top * 0.92), ha="right", color=COLOURS["muted"])
        axes.plot(groups["said"], groups["seen"], "o-", color=COLOURS["model"], markersize=6)
        axes.set(xlabel="chance of being late, as answered", ylabel="share that was late", xlim=(0, top), ylim=(0, top))
        _percent(axes.xaxis)
        _percent(axes.yaxis)

    return _drawn(draw)


def gains(results: Results) -> str:
    """How many of the late flights are among the flights called likeliest."""

    def draw(axes: Any) -> None:
        known = ~np.isnan(results.truth)
        truth = results.truth[known]
        share = np.linspace(0, 1, 201)
        axes.plot([0, 1], [0, 1], color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate("by chance", (0.62, 0.56), color=COLOURS["muted"])
        for answers, name, colour, at in (
            (results.baseline, "carrier and hour", "seen", (0.52, 0.655)),
            (results.served, "model", "model", (0.2, 0.5)),
        ):
            order = np.argsort(-answers[known], kind="stable")
            found = np.concatenate([[0.0], np.cumsum(truth[order]) / truth.sum()])
            axes.plot(share, np.interp(share, np.linspace(0, 1, len(found)), found), color=COLOURS[colour])
            axes.annotate(name, at, color=COLOURS[colour], ha="right" if name == "model" else "left")
        axes.set(xlabel="flights, the likeliest first", ylabel="late flights among them", xlim=(0, 1), ylim=(0, 1.01))
        _percent(axes.xaxis)
        _percent(axes.yaxis)

    return _drawn(draw)


def by_hour(results: Results) -> str:
    """The share of late flights by hour of departure, said and seen."""

    def draw(axes: Any) -> None:
        rows = pd.DataFrame({"said": results.served, "seen": results.truth})
        hours = rows[rows["seen"].notna()].groupby(results.asked["sched_dep_time"] // 100).mean()
        hours = hours[rows.groupby(results.asked["sched_dep_time"] // 100).size().reindex(hours.index) >= 50]  # noqa: PLR2004  # fewer are chance
        for name, label in (("said", "answered"), ("seen", "happened")):
            colour = COLOURS["model" if name == "said" else "seen"]
            axes.plot(hours.index, hours[name], "o-", color=colour, markersize=4)
            last = hours[name].iloc[-1]
            axes.annotate(label, (hours.index[-1] + 0.35, last), color=colour, va="center")
        axes.set(xlabel="scheduled hour of departure", ylabel="late flights", xlim=(4.5, 26.5))
        axes.set_ylim(bottom=0)
        axes.set_xticks([6, 9, 12, 15, 18, 21])
        _percent(axes.yaxis)

    return _drawn(draw)


def latency(results: Results) -> str:
    """The share of requests answered within a time, single rows and batches."""

    def draw(axes: Any) -> None:
        for kind, label, colour, level in (
            ("single", "one row", "model", 0.6),
            ("batch", "2 to 64 rows", "seen", 0.35),
        ):
            times = np.sort(results.times.loc[results.times["kind"] == kind, "ms"].to_numpy())
            shares = np.linspace(0, 1, 400)
            at = np.quantile(times, shares)
            axes.plot(at, shares, color=COLOURS[colour])
            side = {"single": ("right", 0.94), "batch": ("left", 1.06)}[kind]
            axes.annotate(label, (np.quantile(times, level) * side[1], level), color=COLOURS[colour], ha=side[0])
        axes.set_xscale("log")
        from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

        axes.xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        spread = results.times["ms"].quantile([0.001, 0.9995])
        axes.set_xlim(spread.iloc[0] * 0.6, spread.iloc[1] * 1.2)
        axes.set(xlabel="milliseconds until the whole answer is there", ylabel="requests answered", ylim=(0, 1.02))
        _percent(axes.yaxis)

    return _drawn(draw)


def flown(results: Results) -> str:
    """What each arm answered, second by second, while two challengers were flown."""

    def draw(axes: Any) -> None:
        seconds = pd.DataFrame(results.flown["seconds"], columns=["second", "arm", "answers", "errors"])
        span = range(int(seconds["second"].min()), int(seconds["second"].max()) + 1)
        for arm, colour in (("champion", "model"), ("challenger", "seen")):
            one = seconds[seconds["arm"] == arm].set_index("second")["answers"].reindex(span, fill_value=0)
            axes.step(one.index[:-1], one[:-1], where="post", color=COLOURS[colour], label=arm)  # the last is not whole
        failed = seconds[seconds["errors"] > 0]
        axes.plot(failed["second"] + 0.5, failed["answers"], "x", color=COLOURS["ink"], label="some without an answer")
        axes.set(xlabel="seconds since the first flight began", ylabel="answers a second")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.12), fontsize=10)

    return _drawn(draw)
