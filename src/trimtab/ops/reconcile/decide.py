"""What is to be done about one endpoint: a pure function of what is wanted, recorded and running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.core.deployment import Deployment, differences
from trimtab.ops.release.status import Here

__all__ = ["DOWN", "Act", "Todo", "decide", "wait_s"]

# resume: a release is under way. change: something else is wanted than was released. repair: what was released does not
# run as it was, changed by hand or ended. wait: the target does not answer, or replicas are coming up
Act: TypeAlias = Literal["nothing", "resume", "change", "repair", "wait", "same"]
DOWN: Final = frozenset({"failed", "stopped"})
_LONGEST: Final = 20  # times as long as asked for


@dataclass(frozen=True, slots=True)
class Todo:
    """What, and why, in words, each a line."""

    act: Act
    why: tuple[str, ...] = ()


def decide(wanted: Deployment | None, here: Here) -> Todo:
    """wanted: what the branch says; None for no file. here: what was released, and what runs."""
    past = here.past
    if past.under_way is not None:
        return Todo("resume", (f"release `{past.under_way.name}` is under way",))
    if wanted is None:
        return Todo("nothing", ("nothing is wanted",))
    if here.status is None:
        return Todo("wait", (f"the target does not answer: {here.why}",))
    if wanted != past.live:
        changes = differences(past.live, wanted)
        return Todo("change", tuple(f"`{one.field}` {one.live!r} -> {one.wanted!r}" for one in changes))
    if here.differs:
        return Todo("repair", here.differs)
    if not here.status.ready:
        states = tuple(f"{one.bundle[:15]} {one.state} {one.why}".rstrip() for one in here.status.revisions)
        down = not here.status.revisions or any(one.state in DOWN for one in here.status.revisions)
        return Todo("repair" if down else "wait", states or ("nothing answers",))
    return Todo("same")


def wait_s(every_s: float, failures: int, chance: float) -> float:
    """How long until the next turn, after so many in a row that came to nothing.

    chance: from 0 to 1, so that many who wait do not come at once.
    """
    return float(every_s * min(2 ** min(failures, 10), _LONGEST) * (0.9 + 0.2 * chance))
