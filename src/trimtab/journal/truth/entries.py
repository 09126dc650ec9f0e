"""What somebody sent, already JSON, as Truth and Feedback: strict, and all that is wrong is named at once.

Nobody has to say when: then it is the time of arrival, and `time` equals `received`. Entries of one list arrive a
microsecond apart, so that the later of two that contradict each other is the later one for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from trimtab.core.errors import did_you_mean
from trimtab.core.interactions import ANONYMOUS, Feedback, Truth
from trimtab.core.values import show
from trimtab.journal.truth import checks
from trimtab.journal.truth.checks import Check, WrongError
from trimtab.journal.truth.faults import EntriesError, EntryFault, Faults

__all__ = ["FEEDBACK", "MOST", "TRUTH", "Kind", "Speaker", "entries_of", "entry_of"]

T = TypeVar("T", Truth, Feedback)
MOST: Final = 1000  # entries of one request: what is read in a few milliseconds
_STEP_S: Final = 1e-6
_SAID: Final = ("score", "label", "comment", "correction")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it; operator: he may speak of answers that others were given."""

    principal: str = ANONYMOUS
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of entry: its keys, those that must be there, and at least one of `any_of`."""

    stream: str
    make: Callable[..., T]
    checks: Mapping[str, Check]
    needed: tuple[str, ...]
    any_of: tuple[str, ...] = ()


TRUTH: Final = Kind(
    "truth",
    Truth,
    {
        "id": checks.checked_id,
        "value": checks.scalar,
        "row": checks.row,
        "name": checks.name,
        "time": checks.moment,
    },
    ("id", "value"),
)
FEEDBACK: Final = Kind(
    "feedback",
    Feedback,
    {
        "id": checks.checked_id,
        "score": checks.score,
        "label": checks.scalar,
        "comment": checks.comment,
        "correction": checks.scalar,
        "row": checks.row,
        "time": checks.moment,
    },
    ("id",),
    _SAID,
)


def entries_of(kind: Kind[T], body: Any, speaker: Speaker, now: float, most: int = MOST) -> list[T]:
    """The entries of a body, one object or a list of them; raises EntriesError, and then none is taken."""
    faults = Faults()
    if isinstance(body, Mapping):
        found = [entry_of(kind, body, speaker, (now, now), faults)]
    elif isinstance(body, Sequence) and not isinstance(body, str):
        if not body or len(body) > most:
            what = "there are no entries" if not body else f"there are {len(body)} entries, at most {most} are taken"
            faults.add(EntryFault(None, "", what, "send them in parts" if body else ""))
            raise EntriesError(faults)
        start = checks.micros(now)
        times = ((checks.micros(start + at * _STEP_S), now) for at in range(len(body)))
        found = [entry_of(kind, one, speaker, next(times), faults, at) for at, one in enumerate(body)]
    else:
        faults.add(EntryFault(None, "", f"{show(body)} is no entry", "an object, or a list of objects"))
        found = []
    if faults:
        raise EntriesError(faults)
    return [entry for entry in found if entry is not None]


def entry_of(
    kind: Kind[T], plain: Any, speaker: Speaker, when: tuple[float, float], faults: Faults, at: int | None = None
) -> T | None:
    """One entry, None where something is wrong. when: it is received, and it is now. A key that is null is not there.

    at: its place in the list, for the faults.
    """
    if not isinstance(plain, Mapping):
        faults.add(EntryFault(at, "", f"{show(plain)} is no object"))
        return None
    received, now = checks.micros(when[0]), when[1]
    before = len(faults.named) + faults.more
    said: dict[str, Any] = {}
    for key, value in plain.items():
        check = kind.checks.get(key)
        if check is None:
            faults.add(EntryFault(at, str(key)[:64], "unknown key", did_you_mean(str(key)[:64], kind.checks)))
        elif value is not None:
            try:
                said[key] = check(value, now)
            except WrongError as error:
                faults.add(EntryFault(at, key, error.what, error.hint))
    for key in kind.needed:
        if plain.get(key) is None:
            faults.add(EntryFault(at, key, "it is missing"))
    if kind.any_of and all(plain.get(key) is None or plain[key] == "" for key in kind.any_of):
        faults.add(EntryFault(at, "", f"it says nothing: one of {', '.join(f'`{key}`' for key in kind.any_of)}"))
    if len(faults.named) + faults.more > before:
        return None
    said.setdefault("time", received)
    return kind.make(received=received, principal=speaker.principal, operator=speaker.operator, **said)
