"""What every target must do, checked: `check_target` holds one against `targets/target.py`, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trimtab.core.deployment import Deployment
from trimtab.targets.target import Target
from trimtab.testing.rows import Ask, Rows, over_http

__all__ = ["TargetCase", "check_target"]


@dataclass(frozen=True, slots=True)
class TargetCase:
    """What is tried with a target; what is left empty is not tried.

    one: what is applied first, on a platform where it is not. other: digest of a bundle of the same name that answers
    otherwise. rows: golden rows of both, by digest (`rows_of`). broken: digest of one that does not come up. changed:
    `one` with other settings, the same rows and the same address. secured: `one` with `server.auth`; headers: what
    opens it. rendered: what `render(one)` must give. kills: each breaks off an apply of the deployment it is given, at
    some point, as kill -9 would. same: what must not change where an apply changes nothing, as a process id. ask: how
    the endpoint is asked; a POST over HTTP if not said.
    """

    one: Deployment
    other: str
    rows: Mapping[str, Rows]
    broken: str = ""
    changed: Deployment | None = None
    secured: Deployment | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rendered: Mapping[str, str] | None = None
    kills: tuple[Callable[[Deployment], None], ...] = ()
    same: Callable[[], object] | None = None
    ask: Ask = over_http


def check_target(make: Callable[[], Target], case: TargetCase) -> None:
    """AssertionError with all that the target does otherwise than it must; at the end, nothing runs.

    make: a target over the same platform each time, as another process would have it.
    """
    from trimtab.testing.target_checks import CHECKS
    from trimtab.testing.trial import Trial

    trial = Trial(make, case)
    faults = []
    try:
        for check in CHECKS:
            name = check.__name__.removeprefix("check_").replace("_", " ")
            try:
                check(trial)
            except AssertionError as error:
                faults.append(f"{name}: {error}")
            except Exception as error:  # noqa: BLE001 - a target may raise anything
                faults.append(f"{name}: raised {type(error).__name__}: {error}")
    finally:
        try:
            make().remove(case.one.name, case.one.environment)
        except Exception as error:  # noqa: BLE001 - what was found goes first
            faults.append(f"remove at the end: raised {type(error).__name__}: {error}")
    if faults:
        raise AssertionError(f"{len(faults)} of {len(CHECKS)} checks failed:\n" + "\n".join(faults))
