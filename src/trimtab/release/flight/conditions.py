"""What the rules of `decide` ask about: by its name, a condition that says why it holds, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trimtab.release.flight.look import Look
from trimtab.release.flight.states import Asked, Finding
from trimtab.release.flight.words import duration, percent

__all__ = ["CONDITIONS"]


def _asked(word: Asked) -> Callable[[Look], str]:
    return lambda look: f"somebody asked to {word}" if look.snapshot.asked == word else ""


def _failed(look: Look) -> str:
    if look.snapshot.server != "failed":
        return ""
    return "the challenger failed" + (f": {look.snapshot.why}" if look.snapshot.why else "")


def _gone(look: Look) -> str:
    return "nobody answers where the champion is served" if look.snapshot.server == "gone" else ""


def _ready(look: Look) -> str:
    return (
        f"the challenger is loaded, {percent(look.plan.steps[0])} from now" if look.snapshot.server == "ready" else ""
    )


def _reloading(look: Look) -> str:
    return "the challenger is loading again" if look.snapshot.server == "loading" else ""


def _broken(look: Look) -> str:
    return ", ".join(one.text for one in look.findings if one.verdict == "FAIL")


def _over(look: Look) -> str:
    if look.elapsed_s < look.plan.give_up_s:
        return ""
    after = duration(look.plan.give_up_s)
    if look.snapshot.phase == "loading":
        return f"not loaded after {after}"
    missing = _unproved(look) or _minimum(look)
    return f"no evidence after {after}: {missing}" if missing else f"not done after {after}"


def _proved(look: Look) -> str:
    """Every limit that may say no says yes of this step, and there is one; it was watched and asked often enough."""
    if not (look.is_last and look.step_done) or not _strict(look) or _unproved(look):
        return ""
    return f"proved at {percent(look.share)}: " + ", ".join(one.text for one in _strict(look))


def _held(look: Look) -> str:
    proved = _proved(look)
    return f"somebody is to decide; {proved}" if proved and look.plan.hold else ""


def _shadowed(look: Look) -> str:
    return _proved(look) if look.plan.kind == "shadow" else ""


def _harmless(look: Look) -> str:
    """Nothing is proved to go on, but each best guess keeps to its limit; what has no guess yet is waited for."""
    if look.is_last or not look.step_done or not _strict(look) or any(map(_against, _strict(look))):
        return ""
    following = look.plan.steps[look.snapshot.step + 1]
    said = ", ".join(one.text for one in _strict(look))
    return f"{percent(following)} after {duration(look.watched_s)} at {percent(look.share)}: {said}"


def _otherwise(look: Look) -> str:
    """What is waited for."""
    match look.snapshot.phase:
        case "loading":
            return "the challenger is loading"
        case "flying":
            watching = look.watch_s - look.watched_s
            first = f"{duration(watching)} more at {percent(look.share)}" if watching > 0 else ""
            against = ", ".join(one.text for one in _strict(look) if _against(one))
            return (
                first
                or _minimum(look)
                or (_unproved(look) if look.is_last else against)
                or "no limit that could say no"
            )
        case "paused":
            return f"paused at {percent(look.share)}"
        case "promoting":
            return "the challenger becomes the champion"
        case "rolling back":
            return "the champion answers everything again"
        case phase:
            return phase


def _minimum(look: Look) -> str:
    few = look.answers < look.plan.minimum
    return f"{look.answers} of {look.plan.minimum} answers at {percent(look.share)}" if few else ""


def _unproved(look: Look) -> str:
    return ", ".join(one.text for one in _strict(look) if one.verdict != "PASS")


def _against(one: Finding) -> bool:
    """Whether a finding speaks against going on."""
    return one.verdict != "PASS" and not one.keeps


def _strict(look: Look) -> list[Finding]:
    return [one for one in look.findings if not one.warn_only]


CONDITIONS: Final[Mapping[str, Callable[[Look], str]]] = {
    "asked to abort": _asked("abort"),
    "asked to pause": _asked("pause"),
    "asked to promote": _asked("promote"),
    "asked to resume": _asked("resume"),
    "challenger failed": _failed,
    "challenger loading again": _reloading,
    "challenger ready": _ready,
    "nobody answers": _gone,
    "a limit is broken": _broken,
    "time is over": _over,
    "last step, proved, somebody holds": _held,
    "last step, proved, a shadow": _shadowed,
    "last step, proved": _proved,
    "step done, nothing against it": _harmless,
    "otherwise": _otherwise,
}
