"""The files that say what is wanted of an environment: digests, weights and settings, as a person can review them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.release.ledger.plain import plain_of, value_of
from trimtab.release.promotion.values import Judgement, Source
from trimtab.release.record.layout import ENVIRONMENTS

__all__ = ["WANTED", "Asked", "wanted_in", "wanted_path", "wanted_text"]

WANTED: Final = "release wanted"  # kind of the entry that comes with such a file


@dataclass(frozen=True, slots=True)
class Asked:
    """A release that whoever reconciles is to make. judgement: of the gate, when it was committed. by: who asks.

    evidence: sha256 of each document that the gate read.
    """

    environment: str
    wanted: Deployment
    judgement: Judgement
    source: Source
    by: str
    evidence: tuple[str, ...] = ()


def wanted_path(environment: str, name: str) -> str:
    """`environments/prod/churn.json`."""
    return f"{ENVIRONMENTS}/{environment}/{name}.json"


def wanted_text(wanted: Deployment | None) -> str:
    """The whole file, `null` for nothing; secrets are references in it, as everywhere."""
    return json.dumps(plain_of(wanted), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def wanted_in(path: str, text: str) -> Deployment | None:
    """What the file wants, None for nothing. UserError P490 for all that would not be kept to, each by its name."""
    try:
        plain = json.loads(text)
        if plain is None:
            return None
        wanted = value_of(plain, Deployment)
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError) as error:
        what = f"this says of no deployment what is wanted: {str(error)[:200]}"
        raise UserError(Problem("P490", what, path, f"git log -p -- {path}")) from None
    faults = [Problem("P490", what, path, hint) for what, hint in _faults(path, plain, wanted)]
    if faults:
        raise UserError(*faults)
    return wanted


def _faults(path: str, plain: Mapping[str, Any], wanted: Deployment) -> Iterator[tuple[str, str]]:
    known = [one.name for one in fields(Deployment)]
    for name in _lost(plain, plain_of(wanted)):
        yield f"there is no `{name}` in a deployment", did_you_mean(name, known)
    place = PurePosixPath(path)
    for key, said, there in (("name", wanted.name, place.stem), ("environment", wanted.environment, place.parent.name)):
        if said != there:
            yield f"`{key}` is `{said}`, and the file is that of `{there}`", f'"{key}": "{there}"'
    for key in ("challenger", "traffic", "shadow"):
        if getattr(wanted, key):
            flight = f"[env.{place.parent.name}.flight]"
            yield f"`{key}` is said, and challengers are flown as `{flight}` says", "leave it out"


def _lost(plain: Any, kept: Any, at: str = "") -> Iterator[str]:
    """What is in the file and nowhere in what was read of it, by dotted name."""
    if isinstance(plain, Mapping) and isinstance(kept, Mapping):
        for key, value in plain.items():
            if key in kept:
                yield from _lost(value, kept[key], f"{at}{key}.")
            else:
                yield f"{at}{key}"
    elif isinstance(plain, list) and isinstance(kept, list):
        for one, other in zip(plain, kept, strict=False):
            yield from _lost(one, other, at)
