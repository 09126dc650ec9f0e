"""One value of one key: the value as trimtab uses it, or what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final

from trimtab.core.errors import UserError, did_you_mean
from trimtab.journal.privacy.policy import parse_policy
from trimtab.journal.ship.parse import parse_destinations
from trimtab.project.key import Key, KeyKind
from trimtab.project.parse_env import PARSERS
from trimtab.project.split import parse_split
from trimtab.project.units import DURATIONS, SIZES, Seconds, UnitError, quantity, shares
from trimtab.project.wrong import Wrong, other_type, shown, text_of, type_of
from trimtab.server.guard.principal import parse_grant

__all__ = ["NAME", "REFERENCE", "Wrong", "parse"]

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
REFERENCE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def parse(key: Key, value: object) -> Any:
    """The value of the key, or a `Wrong`; a list becomes a tuple, a quantity bytes or seconds."""
    return _PARSERS[key.kind](key, value)


def _name(key: Key, value: object) -> Any:
    text = text_of(key, value)
    if isinstance(text, str) and not NAME.fullmatch(text):
        near = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:63]
        what = f"{shown(text)} is not a name: lower-case letters, digits, `-`, `_` and `.`, at most 63"
        return Wrong("P105", what, f"did you mean `{near}`?" if near else "")
    return text


def _function(key: Key, value: object) -> Any:
    text = text_of(key, value)
    if isinstance(text, str) and not REFERENCE.fullmatch(text):
        near = ":".join(text.rsplit(".", 1))
        hint = f"did you mean `{near}`?" if REFERENCE.fullmatch(near) else "for example `prepare:clean`"
        return Wrong("P105", f"{shown(text)} is not of the form `module:function`", hint)
    return text


def _choice(key: Key, value: object) -> Any:
    text = text_of(key, value)
    if isinstance(text, str) and text not in key.choices:
        folded = {name.lower(): name for name in key.choices}
        exact = folded.get(text.lower())
        hint = f"did you mean `{exact}`?" if exact else did_you_mean(text, key.choices)
        return Wrong("P105", f"{shown(text)} is not one of {', '.join(f'`{name}`' for name in key.choices)}", hint)
    return text


def _number(key: Key, value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return other_type(key, value, "a number")
    if not math.isfinite(value):
        return Wrong("P105", f"{shown(value)} is not a finite number")
    return _within(key, value, shown(value))


def _integer(key: Key, value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return other_type(key, value, "an integer")
    return _within(key, value, shown(value))


def _within(key: Key, value: float, shown: str) -> Any:
    """The number itself if it is inside the key's limits."""
    if key.low is not None and value < key.low:
        return Wrong("P105", f"{shown} is below {key.low:g}", f"at least {key.low:g}")
    if key.high is not None and value > key.high:
        return Wrong("P105", f"{shown} is above {key.high:g}", f"at most {key.high:g}")
    return value


def _boolean(key: Key, value: object) -> Any:
    return value if isinstance(value, bool) else other_type(key, value, "`true` or `false`")


def _quantity(key: Key, value: object) -> Any:
    units = SIZES if key.kind == "size" else DURATIONS
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return other_type(key, value, "a text with a unit")
    try:
        number = quantity(value, units)
    except UnitError as error:
        return Wrong("P106", error.what, error.hint)
    base = "bytes" if key.kind == "size" else "s"
    if key.low is not None and number < key.low:
        return Wrong("P105", f"{shown(value)} is below {key.low:g} {base}")
    return int(number) if key.kind == "size" else number


def _texts(key: Key, value: object) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return other_type(key, value, "an array of texts")
    return tuple(value)


def _scopes(key: Key, value: object) -> Any:
    texts = _texts(key, value)
    return texts if isinstance(texts, Wrong) else _grants(texts)


def _grants(texts: tuple[str, ...]) -> Any:
    """What each text grants."""
    try:
        return tuple(map(parse_grant, texts))
    except ValueError as error:
        return Wrong("P105", str(error), "for example `infer:churn-*`")


def _roles(key: Key, value: object) -> Any:
    if not isinstance(value, dict):
        return other_type(key, value, "a table of arrays of texts")
    found = {}
    for name, texts in value.items():
        scopes = _scopes(key, texts)
        if isinstance(scopes, Wrong):
            return Wrong(scopes.code, f"`{name}`: {scopes.what}", scopes.hint)
        found[name] = scopes
    return found


def _numbers(key: Key, value: object) -> Any:
    if not isinstance(value, dict):
        return other_type(key, value, "a table of numbers")
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            return Wrong("P104", f"`{name}` is {shown(number)}, not a finite number", f"for example `{name} = 0.91`")
    return {name: float(number) for name, number in value.items()}


def _shape(key: Key, value: object) -> Any:
    if not isinstance(value, list) or not all(isinstance(size, int) and not isinstance(size, bool) for size in value):
        return other_type(key, value, "an array of integers")
    if not value or value[0] != -1 or any(size != -1 and size < 1 for size in value):
        return Wrong(
            "P105",
            f"{shown(value)} is not a shape",
            "the first axis is rows: `-1`; further ones are `-1` or their size",
        )
    return tuple(value)


def _scalars(key: Key, value: object) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, str | int | float) for item in value):
        return other_type(key, value, "an array of texts, numbers or booleans")
    if len({type(item) for item in value}) > 1:
        return Wrong("P105", f"{shown(value)} mixes types", "all of them texts, or all of them numbers")
    if not value or len(set(value)) < len(value):
        return Wrong("P105", f"{shown(value)} {'repeats a value' if value else 'is empty'}", "name each value once")
    return tuple(value)


def _policy(key: Key, value: object) -> Any:
    text = text_of(key, value)
    if isinstance(text, Wrong):
        return text
    try:
        return str(parse_policy(text))
    except ValueError as error:
        return Wrong("P105", str(error))


def _destinations(key: Key, value: object) -> Any:
    """No fault shows a text: a secret may stand in it, where it has no place."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return Wrong("P104", f"this is {type_of(value)}, not an array of texts", f"for example `ship = {key.example}`")
    try:
        parse_destinations(value)
    except UserError as error:
        whats = [f"{problem.where} {problem.what}".strip() for problem in error.problems]
        return Wrong(error.problems[0].code, "; ".join(whats), error.problems[0].hint)
    return tuple(value)


def _percents(key: Key, value: object) -> Any:
    try:
        return shares(value)
    except TypeError:
        return other_type(key, value, "an array of numbers")
    except ValueError:
        return Wrong("P105", f"{shown(value)} are no shares in percent that grow", f"for example `{key.example}`")


def _bound(key: Key, value: object) -> Any:
    """A number, or `Seconds` of a text."""
    found = _quantity(key, value) if isinstance(value, str) else _number(key, value)
    return Seconds(found) if isinstance(value, str) and isinstance(found, float) else found


def _split(key: Key, value: object) -> Any:
    text = text_of(key, value)
    try:
        return text if isinstance(text, Wrong) else parse_split(text)
    except ValueError as error:
        return Wrong("P105", str(error))


_PARSERS: Final[dict[KeyKind, Callable[[Key, object], Any]]] = {
    "name": _name, "text": text_of, "source": text_of, "function": _function, "file": text_of, "files": _texts,
    "globs": _texts, "choice": _choice, "integer": _integer, "number": _number, "boolean": _boolean,
    "size": _quantity, "duration": _quantity, "numbers": _numbers, "shape": _shape, "scalars": _scalars,
    "texts": _texts, "scopes": _scopes, "roles": _roles, "policy": _policy, "destinations": _destinations,
    "percents": _percents, "bound": _bound, "split": _split, **PARSERS,
    "yardstick": lambda key, value: (_function if isinstance(value, str) else _number)(key, value),
}  # fmt: skip
