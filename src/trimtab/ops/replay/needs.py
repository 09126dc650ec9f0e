"""Whether what the journal kept is enough for a bundle to be asked again; everything that is missing, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trimtab.bundle.data.arrowtypes import misfit
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field
from trimtab.ops.replay.recorded import INPUT, Part, is_kept

__all__ = ["Need", "missing_of", "require"]


@dataclass(frozen=True, slots=True)
class Need:
    """Inputs that a bundle takes. who: what it is called in messages."""

    who: str
    fields: tuple[Field, ...]


def require(needs: Sequence[Need], parts: Sequence[Part], types: Mapping[str, Any], without: Sequence[str]) -> None:
    """Raises UserError with every input that cannot be replayed, P970, and every wrong `--without`, P975.

    types: the journal's columns. without: inputs that are replayed as null.
    """
    problems = [*_misnamed(needs, without)]
    for name in dict.fromkeys(field.name for need in needs for field in need.fields):
        takers = [(need.who, field) for need in needs for field in need.fields if field.name == name]
        problems += _without(name, takers) if name in without else _lacking(name, takers, parts, types)
    if problems:
        raise UserError(*problems)


def missing_of(name: str, parts: Sequence[Part]) -> dict[str, int]:
    """Rows without the column as it was asked, by the policy that took it; empty text where it is not there at all."""
    found: dict[str, int] = {}
    for part in parts:
        policy = part.policies.get(f"{INPUT}{name}", "")
        if part.rows and not is_kept(policy):
            found[policy] = found.get(policy, 0) + part.rows
    return found


def _misnamed(needs: Sequence[Need], without: Sequence[str]) -> Iterable[Problem]:
    names = {field.name for need in needs for field in need.fields}
    for name in without:
        if name not in names:
            yield Problem("P975", f"no bundle here takes an input `{name}`", "--without", did_you_mean(name, names))


def _without(name: str, takers: Sequence[tuple[str, Field]]) -> Iterable[Problem]:
    for who, field in takers:
        if not field.nullable:
            yield Problem("P975", f"the {who} does not take null for `{name}`", "--without", f"it wants `{field}`")


def _lacking(
    name: str, takers: Sequence[tuple[str, Field]], parts: Sequence[Part], types: Mapping[str, Any]
) -> Iterable[Problem]:
    who = " and the ".join(taker for taker, _ in takers) + (" takes" if len(takers) == 1 else " take")
    if missing := missing_of(name, parts):
        rows = sum(part.rows for part in parts)
        taken = ", ".join(f"{_reason(policy)} in {count:,} of {rows:,} rows" for policy, count in missing.items())
        hint = f'put `{name} = "keep"` under `[server.log.columns]`, and replay what is recorded from then on'
        if all(field.nullable for _, field in takers):
            hint += f"; `--without {name}` replays it as null"
        yield Problem("P970", f"input `{name}`, which the {who}, is {taken}", "the journal", hint)
        return
    for taker, field in takers:
        if what := misfit(types[f"{INPUT}{name}"], field):
            what = what.replace("in the file", "in the journal").replace("the signature", f"the {taker}")
            yield Problem("P970", f"input `{name}` {what}", "the journal")


def _reason(policy: str) -> str:
    return f"kept as `{policy}`" if policy else "not there"
