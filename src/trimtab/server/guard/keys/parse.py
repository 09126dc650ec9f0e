"""Reads the text of a file of API keys: every fault of it at once, or the keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from trimtab.bundle.manifest import NAME
from trimtab.core.errors import Problem, UserError
from trimtab.core.secrets import masked
from trimtab.server.guard.keys.file import FORMAT, LARGEST, Entries, KeyEntry, keys_fault
from trimtab.server.guard.keys.text import ID
from trimtab.server.guard.principal import parse_grant

__all__ = ["parse_keys"]

_SHOWN: Final = 100  # faults
_WORD: Final = 40  # characters shown of what somebody wrote
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MEMBERS: Final = ("id", "name", "hash", "grants", "created", "expires", "revoked")


def parse_keys(data: bytes, where: object) -> Entries:
    """The keys, in their order; UserError P342 with every fault, none of which shows a value that may be a secret."""
    if len(data) > LARGEST:
        raise keys_fault(f"the file of keys is larger than {LARGEST >> 20} MiB", where)
    try:
        plain = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else _said(error)
        raise keys_fault(f"the file of keys is no JSON: {said}", where) from None
    if not isinstance(plain, dict) or plain.keys() != {"format", "keys"} or not isinstance(plain["keys"], list):
        raise keys_fault('the file of keys is not `{"format": 1, "keys": [...]}`', where, "`trimtab key add` makes one")
    if plain["format"] is True or plain["format"] != FORMAT:
        raise keys_fault(f"the file of keys has another format than {FORMAT}", where, "update trimtab")
    faults = [(number, what) for number, one in enumerate(plain["keys"]) for what in _faults(one)]
    faults += _twice(plain["keys"])
    if faults:
        problems = [Problem("P342", what, f"{where}, {_place(plain['keys'], at)}") for at, what in faults[:_SHOWN]]
        if len(faults) > _SHOWN:
            problems.append(Problem("P342", f"and {len(faults) - _SHOWN} more faults", str(where)))
        raise UserError(*problems)
    return tuple(map(_entry, plain["keys"]))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has a member twice")
    return found


def _said(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return f"{error.msg}, line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(error)


def _place(keys: list[Any], number: int) -> str:
    """The entry by its number, and by its id if that is one."""
    id_ = keys[number].get("id") if isinstance(keys[number], dict) else None
    return f"`keys[{number}]`" + (f", id `{id_}`" if isinstance(id_, str) and ID.fullmatch(id_) else "")


def _faults(one: Any) -> Iterator[str]:
    """What is wrong with one entry."""
    if not isinstance(one, dict):
        yield "this entry is no object"
        return
    yield from (f"`{name}` is missing" for name in _MEMBERS if name not in one)
    yield from (f"there is no member `{masked(name)[:_WORD]}`" for name in one if name not in _MEMBERS)
    for name, form, what in (
        ("id", ID, "eight of the digits and lower-case letters without i, l, o and u"),
        ("name", NAME, NAME.pattern),
        ("hash", _HASH, "64 hexadecimal digits in lower case, the SHA-256 of a key"),
    ):
        if name in one and not (isinstance(one[name], str) and form.fullmatch(one[name])):
            yield f"`{name}` is not {what}"
    for name in ("created", "expires", "revoked"):
        if name in one and not (one[name] is None and name != "created") and _seconds(one[name]) is None:
            yield f"`{name}` is no time such as `2030-01-31T12:00:00Z`" + ("" if name == "created" else ", nor null")
    if "grants" in one:
        yield from _grant_faults(one["grants"])


def _grant_faults(grants: Any) -> Iterator[str]:
    if not isinstance(grants, list) or not grants or not all(isinstance(one, str) for one in grants):
        yield '`grants` is no list of scopes such as `["infer:churn-*"]`'
        return
    for one in grants:
        try:
            parse_grant(masked(one)[:_WORD])
        except ValueError as error:
            yield f"`grants`: {error}"


def _twice(keys: Iterable[Any]) -> list[tuple[int, str]]:
    """Entries whose id an earlier one has."""
    seen: set[str] = set()
    found = []
    for number, one in enumerate(keys):
        id_ = one.get("id") if isinstance(one, dict) else None
        if isinstance(id_, str):
            if id_ in seen:
                found.append((number, "an earlier entry has the same id"))
            seen.add(id_)
    return found


def _seconds(text: Any) -> int | None:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None


def _entry(one: dict[str, Any]) -> KeyEntry:
    """Of an entry without a fault."""
    grants = tuple(map(parse_grant, one["grants"]))
    created, expires, revoked = (_seconds(one[name]) for name in ("created", "expires", "revoked"))
    return KeyEntry(one["id"], one["name"], one["hash"], grants, created or 0, expires, revoked)
