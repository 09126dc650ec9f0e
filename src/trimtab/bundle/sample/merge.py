"""What trimtab.toml says of a column goes before what the sample shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any, Final, TypeAlias

from trimtab.core.check import Raw
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field, field_from_plain, field_to_plain
from trimtab.core.table import Column

__all__ = ["Declared", "declared_field", "reread", "with_overrides"]

Declared: TypeAlias = Mapping[str, Mapping[str, Any]]

_KEYS: Final = frozenset(field.name for field in fields_of(Field)) - {"name"}
_PLACE: Final = "trimtab.toml [signature.inputs]"


def with_overrides(fields: tuple[Field, ...], overrides: Declared) -> tuple[Field, ...]:
    """The fields with what a user declared of some of them; raises UserError for every name and value that is wrong.

    A declared dtype or kind other than the sample's drops the sample's pandas dtype, unless `frame` is declared too.
    """
    names = [field.name for field in fields]
    problems = [
        Problem("P268", f"the sample has no column `{name}`", _PLACE, did_you_mean(name, names))
        for name in overrides
        if name not in names
    ]
    merged = []
    for field in fields:
        declared = overrides.get(field.name, {})
        unknown = sorted(set(declared) - _KEYS)
        problems += [
            Problem("P268", f"unknown key `{key}` of column `{field.name}`", _PLACE, did_you_mean(key, _KEYS))
            for key in unknown
        ]
        try:
            merged.append(field if unknown else _merged(field, declared))
        except (TypeError, ValueError) as error:
            problems.append(Problem("P268", f"column `{field.name}`: {error}", _PLACE))
    if problems:
        raise UserError(*problems)
    return tuple(merged)


def _merged(field: Field, declared: Mapping[str, Any]) -> Field:
    plain = field_to_plain(field)
    if any(key in declared and declared[key] != getattr(field, key) for key in ("dtype", "kind")):
        plain.pop("frame", None)
        plain.pop("categories", None)
        if declared.get("dtype", "BYTES") != "BYTES":
            plain.pop("kind", None)
    merged = field_from_plain({**plain, **declared})
    if merged.kind != "value" and merged.dtype != "BYTES":
        msg = f"kind `{merged.kind}` needs dtype `BYTES`, not `{merged.dtype}`"
        raise ValueError(msg)
    return merged


def declared_field(name: str, declared: Declared) -> Field | None:
    """The nullable field of a column whose sample shows nothing, if its dtype is declared."""
    given = declared.get(name, {})
    if "dtype" not in given or not set(given) <= _KEYS:
        return None
    return field_from_plain({"name": name, "nullable": True, **given})


def reread(raw: Raw, was: Field, now: Field) -> Raw:
    """The sample's values for `check` under the merged field: as they are, or taken apart where the dtype changed."""
    if not isinstance(raw, Column) or (was.dtype, was.kind, was.shape) == (now.dtype, now.kind, now.shape):
        return raw
    values = raw.values
    if values.dtype.kind == "M":
        return raw
    missing = [False] * len(raw) if raw.missing is None else raw.missing.tolist()
    return [None if gone else value for value, gone in zip(values.tolist(), missing, strict=True)]
