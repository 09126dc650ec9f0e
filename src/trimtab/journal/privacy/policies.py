"""Which policy holds for each column: what somebody says goes before what packaging found, and that before `keep`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.policies import DROP, KEEP, Policy, misfit, parse_policy
from trimtab.core.signature import Field, Signature

__all__ = ["policies_of"]

_PLACE: Final = "trimtab.toml [server.log.columns]"


def policies_of(signature: Signature, privacy: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, Policy]:
    """The policy of every input and output, by name; an input and an output of one name have one.

    privacy: what packaging found, by column. overrides: what is said where the model is served. UserError with every
    fault of the latter: P952 a column that is none, P953 a text that is no policy, P954 a policy of other columns. What
    packaging found and this version cannot do becomes `drop`.
    """
    fields: dict[str, list[Field]] = {}
    for field in (*signature.inputs, *signature.outputs):
        fields.setdefault(field.name, []).append(field)
    policies = {name: _found(privacy.get(name), columns) for name, columns in fields.items()}
    problems: list[Problem] = []
    for name, text in overrides.items():
        if name not in fields:
            problems.append(Problem("P952", f"there is no column `{name}`", _PLACE, did_you_mean(name, fields)))
            continue
        place = f"{_PLACE} `{name}`"
        try:
            policy = policies[name] = parse_policy(text)
        except ValueError as error:
            problems.append(Problem("P953", str(error), place))
            continue
        whys = {why: field for field in fields[name] if (why := misfit(field, policy))}
        problems += [Problem("P954", f"`{policy}` does not fit `{field}`: {why}", place) for why, field in whys.items()]
    if problems:
        raise UserError(*problems)
    return policies


def _found(text: str | None, columns: list[Field]) -> Policy:
    """A policy that the bundle carries; whatever it means, nothing is kept that it may have wanted to keep out."""
    if text is None:
        return KEEP
    try:
        policy = parse_policy(text)
    except ValueError:
        return DROP
    return DROP if any(misfit(field, policy) for field in columns) else policy
