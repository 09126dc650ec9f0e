"""Values that only `[env.NAME]` has: what is required, a target, a pattern of refs, a secret's source."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from trimtab.core.attestations import KINDS
from trimtab.core.errors import did_you_mean
from trimtab.project.key import Key, KeyKind
from trimtab.project.units import DURATIONS, UnitError, quantity
from trimtab.project.wrong import Wrong, other_type, shown, text_of, type_of
from trimtab.release.environments import Place, Requirement
from trimtab.release.refs import pattern_fault

__all__ = ["PARSERS", "REQUIRED", "SOURCE"]

REQUIRED: Final = tuple(kind for kind in KINDS if kind not in ("approval", "source"))  # those have keys of their own
SOURCE: Final = r"[a-z][a-z0-9+.-]*:(?!//).+"
_VARIABLE: Final = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_KEYS: Final = ("kind", "within", "warn_only")


def _required(key: Key, value: object) -> Any:
    """Requirements in the order of the file, each kind once."""
    if not isinstance(value, list):
        return other_type(key, value, "an array")
    found: list[Requirement] = []
    for item in value:
        one = _requirement(key, item)
        if isinstance(one, Wrong):
            return one
        if any(one.kind == other.kind for other in found):
            return Wrong("P105", f"`{one.kind}` is required twice", "name each kind once")
        found.append(one)
    return tuple(found)


def _requirement(key: Key, item: object) -> Requirement | Wrong:
    said: Mapping[str, Any] = {"kind": item} if isinstance(item, str) else item if isinstance(item, dict) else {}
    if not said:
        return other_type(key, item, "a kind of evidence, nor a table with one")
    for name in said:
        if name not in _KEYS:
            return Wrong("P103", f"no key `{name}` in a requirement", did_you_mean(name, _KEYS))
    kind, warn_only = said.get("kind"), said.get("warn_only", False)
    if kind not in REQUIRED:
        hint = "`approvals = 1` asks for them" if kind == "approval" else did_you_mean(str(kind), REQUIRED)
        return Wrong("P105", f"{shown(kind)} is not one of {', '.join(f'`{one}`' for one in REQUIRED)}", hint)
    if not isinstance(warn_only, bool):
        return Wrong("P104", f"`warn_only` is {shown(warn_only)}, not `true` or `false`")
    try:
        within = quantity(said["within"], DURATIONS) if "within" in said else math.inf
    except UnitError as error:
        return Wrong("P106", error.what, error.hint)
    if within <= 0:
        return Wrong("P105", "evidence within no time is never young enough", 'for example `within = "7d"`')
    return Requirement(kind, within, warn_only)


def _place(key: Key, value: object) -> Any:
    if not isinstance(value, dict):
        return other_type(key, value, "a table")
    kind = value.get("kind")
    if not isinstance(kind, str) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", kind):
        what = "`kind` is missing" if kind is None else f"{shown(kind)} is no kind of target"
        return Wrong("P107" if kind is None else "P105", what, f"for example `{key.parts[-1]} = {key.example}`")
    for name, one in value.items():
        if not _is_plain(one):
            return Wrong("P104", f"`{name}` is {type_of(one)}, not one text, number or boolean, nor an array of them")
    return Place(kind, {name: one for name, one in value.items() if name != "kind"})


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str | int | float) for one in value)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _pattern(key: Key, value: object) -> Any:
    text = text_of(key, value)
    if isinstance(text, str) and (fault := pattern_fault(text)):
        return Wrong(
            "P105", f"{shown(text)} matches nothing: {fault}", f"for example `{key.parts[-1]} = {key.example}`"
        )
    return text


def _secret(_key: Key, value: object) -> Any:
    """No fault shows the value: it may be the secret itself."""
    if not isinstance(value, str):
        return Wrong("P104", f"this is {type_of(value)}, not a text", "for example `env:PROD_TOKEN`")
    if not re.fullmatch(SOURCE, value) or (value.startswith("env:") and not _VARIABLE.fullmatch(value)):
        what = "this does not say where the secret is; the secret itself has no place in this file"
        return Wrong("P105", what, "for example `env:PROD_TOKEN`, or `file:/run/secrets/token`")
    return value


PARSERS: Final[Mapping[KeyKind, Callable[[Key, object], Any]]] = {
    "required": _required, "place": _place, "pattern": _pattern, "secret": _secret,
}  # fmt: skip
