"""How a challenger is flown, as `[flight]` and `[limits]` say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trimtab.core.traffic import Split
from trimtab.project.faults import Faults
from trimtab.project.units import Seconds
from trimtab.project.wrong import Wrong
from trimtab.release.flight.plan import Kind, Limit, Plan

__all__ = ["HELD", "STEPS", "TIMES", "check_limits", "limits_of", "plan_of"]

HELD: Final = ("auc", "logloss", "rmse", "mae")  # limits of these are of held rows, and none of a flight
TIMES: Final = ("p50", "p95", "p99", "p999")  # limits of these are times
# what each kind flies if nothing is said: a canary grows, the others have one share
STEPS: Final[Mapping[Kind, tuple[float, ...]]] = {
    "canary": (0.05, 0.25, 0.5), "ab": (0.5,), "blue-green": (1.0,), "shadow": (1.0,),
}  # fmt: skip


def check_limits(limits: Mapping[str, Any], faults: Faults) -> None:
    """P105 and P107 for a limit without a bound, a time without its unit, or a share with one."""
    for name, said in limits.items():
        at = ("limits", name)
        if not said.keys() & {"at_most", "at_least", "worse_by"} and not faults.has(
            (*at, "at_most"), (*at, "at_least"), (*at, "worse_by")
        ):
            faults.add(at, Wrong("P107", f"limit `{name}` has no bound", "for example `at_most = 0.005`"))
        for key in ("at_most", "at_least"):
            if key in said:
                faults.add_if((*at, key), _unit_fault(name, key, said[key]))
        if name in TIMES and said.get("worse_by", 2.0) <= 1:
            what = f"`{said['worse_by']:g}` times as slow is no limit: a factor above 1"
            faults.add((*at, "worse_by"), Wrong("P105", what, "for example `worse_by = 1.5`"))


def _unit_fault(name: str, key: str, bound: float) -> Wrong | None:
    is_time = isinstance(bound, Seconds)
    if name in TIMES and not is_time:
        return Wrong("P106", f"`{bound:g}` has no unit, and `{name}` is a time", f'for example `{key} = "80ms"`')
    if is_time and name not in TIMES:
        what = f"`{name}` is no time: those are {', '.join(f'`{one}`' for one in TIMES)}"
        return Wrong("P105", what, f"a number without a unit: `{key} = 0.005`")
    return None


def plan_of(plain: Mapping[str, Any]) -> Plan:
    """The plan of a file without faults; what it does not say is the plan's own default."""
    said = plain.get("flight", {})
    same = {key: said[key] for key in ("kind", "minimum", "alpha", "hold") if key in said}
    same |= {f"{key}_s": said[key] for key in ("watch", "give_up", "keep") if key in said}
    served = tuple(limit for limit in limits_of(plain) if limit.measure not in HELD)
    if served:
        same["limits"] = served
    return Plan(**same, steps=said.get("steps", STEPS[said.get("kind", "canary")]), split=said.get("by", Split()))


def limits_of(plain: Mapping[str, Any]) -> tuple[Limit, ...]:
    """All of `[limits]`, those too that only a check of held rows can measure."""
    return tuple(_limit(name, one) for name, one in plain.get("limits", {}).items())


def _limit(name: str, said: Mapping[str, Any]) -> Limit:
    bounds = {key: float(said[key]) for key in ("at_most", "at_least", "worse_by") if key in said}
    return Limit(name, **bounds, warn_only=said.get("warn_only", False))
