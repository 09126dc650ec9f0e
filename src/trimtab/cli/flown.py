"""What is shown of a flight: a line when something happens, or a picture that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.flights import LATENCY_S, ArmCounts
from trimtab.ops.flights.director import Seen
from trimtab.release.flight.states import Finding, Stratum

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Lines", "overall", "picture", "plain_seen", "span", "step_line"]

_OFTEN_S: Final = 60.0
_MINUTE: Final = 60
_HOUR: Final = 3600


def span(seconds: float) -> str:
    """`48 s`, `10 min`, `1.5 h`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def overall(findings: Sequence[Finding]) -> str:
    """The verdict over all of them: the worst that counts."""
    verdicts = {one.verdict for one in findings}
    return next((one.lower() for one in ("FAIL", "UNKNOWN", "WARN", "PASS") if one in verdicts), "unknown")


def step_line(stratum: Stratum, findings: Sequence[Finding]) -> str:
    """`   5 %  10 min  pass     errors 0.02 % <= 0.5 %, n 3012`."""
    facts = ", ".join(one.text.removesuffix(f", n {one.n}") for one in findings)
    n = max((one.n for one in findings), default=stratum.counts.challenger.requests)
    share = f"{100 * stratum.share:3.3g} %"
    return f"{share:>5}  {span(stratum.seconds):>6}  {overall(findings):<7}  {facts + ', ' if facts else ''}n {n}"


class Lines:
    """Which looks are worth a line: what is done, another verdict, who does not answer; else one a minute."""

    def __init__(self, show: Callable[[str, str], None], event: Callable[[Seen], None] = lambda _: None) -> None:
        """show: topic and text of a line. event: is given the look that lines were shown of."""
        self._told, self._event = show, event
        self._shown = False
        self._last: tuple[str, str, bool] = ("", "", False)
        self._at = 0.0
        self._why = ""

    def __call__(self, seen: Seen) -> None:
        """A line, or none."""
        self._shown = False
        self._look(seen)
        if self._shown:
            self._event(seen)

    def _show(self, topic: str, text: str) -> None:
        self._shown = True
        self._told(topic, text)

    def _look(self, seen: Seen) -> None:
        if seen.why != self._why:
            self._why = seen.why
            self._show("waiting", seen.why) if seen.why else self._show("answers", "the control plane answers again")
        action, strata = seen.action, seen.evidence.strata
        if action is None:
            return
        verdict = overall(action.findings)
        if (action.do, verdict, bool(strata)) == self._last and seen.now - self._at < _OFTEN_S:
            return
        self._last, self._at = (action.do, verdict, bool(strata)), seen.now
        if action.findings and strata:
            left = action.do == "advance" and len(strata) > 1  # the new step stands behind the one it was decided of
            self._show("flight", step_line(strata[-2 if left else -1], action.findings))
        elif action.do not in ("promote", "end"):  # of which the end is told
            self._show("flight", action.why)


def plain_seen(seen: Seen) -> dict[str, Any]:
    """A look as plain JSON."""
    action, last = seen.action, seen.evidence.strata[-1] if seen.evidence.strata else None
    return {
        "flight": seen.standing.flight,
        "time": seen.now,
        "phase": seen.standing.phase,
        "step": seen.standing.step,
        "share": seen.standing.share,
        "seconds": 0.0 if last is None else last.seconds,
        "do": None if action is None else action.do,
        "why": seen.why or ("" if action is None else action.why),
        "findings": [] if action is None else [_finding(one) for one in action.findings],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("measure", "limit", "verdict", "value", "low", "high", "n", "text")}


def picture(seen: Seen) -> RenderableType:
    """The flight as a terminal shows it now."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    standing, plan = seen.standing, seen.standing.begun.plan
    head = f"{standing.flight}  {plan.kind}, {standing.phase}, step {standing.step + 1} of {len(plan.steps)}"
    head += f", {span(seen.now - standing.began)} of {span(plan.give_up_s)}"
    arms = Table(box=None, pad_edge=False)
    for name in ("arm", "share", "answers", "errors", "p50", "p99"):
        arms.add_column(name, justify="left" if name == "arm" else "right")
    for row in _arms(seen):
        arms.add_row(*row)
    found = Table(box=None, pad_edge=False, show_header=False)
    for one in () if seen.action is None else seen.action.findings:
        found.add_row(Text(one.verdict.lower(), style=_STYLES[one.verdict]), Text(one.text))
    why = seen.why or ("" if seen.action is None else seen.action.why)
    foot = f"trimtab flights pause | resume | abort | promote {standing.begun.endpoint}"
    return Group(Text(head, style="bold"), arms, found, Text(why), Text(foot, style="dim"))


_STYLES: Final = {"PASS": "green", "WARN": "yellow", "FAIL": "red", "UNKNOWN": "dim"}


def _arms(seen: Seen) -> Iterator[tuple[str, ...]]:
    if seen.status is None:
        return
    traffic, counts = seen.status.traffic, seen.status.counts
    yield "champion", f"{100 * (1 - traffic.share):.3g} %", *_counted(counts.champion)
    if seen.standing.begun.plan.kind == "shadow":
        failed = _share(counts.failed, counts.mirrored)
        times = (_time(counts.delay, 0.5), _time(counts.delay, 0.99))
        yield "shadow", f"{100 * traffic.shadow:.3g} %", f"{counts.mirrored}", failed, *times
    else:
        yield "challenger", f"{100 * traffic.share:.3g} %", *_counted(counts.challenger)


def _counted(arm: ArmCounts) -> tuple[str, ...]:
    errors = _share(arm.errors, arm.requests)
    return f"{arm.requests}", errors, _time(arm.latency, 0.5), _time(arm.latency, 0.99)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "-"


def _time(buckets: Sequence[int], share: float) -> str:
    """The upper end of the bucket that the quantile is in."""
    total, so_far = sum(buckets), 0
    for at, count in enumerate(buckets):
        so_far += count
        if total and so_far >= share * total:
            return f"{1000 * LATENCY_S[min(at, len(LATENCY_S) - 1)]:.3g} ms"
    return "-"
