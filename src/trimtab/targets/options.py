"""What a kind of target wants to know beside the deployment: the rest of `target = { kind = "...", ... }`, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from trimtab.core.errors import Problem, UserError, did_you_mean

__all__ = ["Option", "checked"]

_WORDS: Final = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Option:
    """One of them. kind: str, int, float or bool. choices: the only values, where there are any."""

    kind: type
    default: Any = None
    choices: tuple[str, ...] = ()


# where the endpoint is reached is the deployment's to say; written beside the kind, it is read from there
PLACE: Final = {"host": Option(str, ""), "port": Option(int, 0)}


def checked(kind: str, options: Mapping[str, Any], known: Mapping[str, Option]) -> dict[str, Any]:
    """Every option of `known` with its value or default; UserError P504 for all that is unknown or of another type.

    `host` and `port` are let pass: whoever makes the deployment puts them there.
    """
    valid = PLACE | dict(known)
    where = f'target = {{ kind = "{kind}" }}'
    problems = []
    for name, value in options.items():
        if name not in valid:
            what = f"the target `{kind}` has no option `{name}`"
            problems.append(Problem("P504", what, where, did_you_mean(name, valid)))
        elif fault := _fault(value, valid[name]):
            problems.append(Problem("P504", f"`{name}` is {fault}, not {_shown(value)}", where))
    if problems:
        raise UserError(*problems)
    return {name: options.get(name, option.default) for name, option in known.items()}


def _fault(value: object, option: Option) -> str:
    """What it should have been."""
    kinds = (int, float) if option.kind is float else (option.kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and option.kind is not bool):
        return _WORDS[option.kind]
    if option.choices and value not in option.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in option.choices)
    return ""


def _shown(value: object) -> str:
    return f"`{str(value)[:100]}`"
