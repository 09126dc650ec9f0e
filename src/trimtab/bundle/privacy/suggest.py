"""What is suggested to keep of each column: what somebody says, else what its values show, else what its name means."""

from __future__ import annotations

from collections.abc import Mapping

from trimtab.bundle.privacy.kinds import KINDS, Suggestion, fits, policy_for
from trimtab.bundle.privacy.names import is_bare_name, kind_named
from trimtab.bundle.privacy.values import Seen, are_persons, believable, kind_held, see
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

__all__ = ["suggest"]


def suggest(
    signature: Signature, columns: Mapping[str, Column] | None = None, said: Mapping[str, str] | None = None
) -> dict[str, Suggestion]:
    """What is suggested, by column, in the signature's order; a column that may be kept as it is has none.

    columns: values of a sample, inputs and outputs; none: names alone decide. said: by column, what a person wants.
    """
    found: dict[str, Suggestion] = {}
    columns, said = columns or {}, said or {}
    for field in (*signature.inputs, *signature.outputs):
        if field.name in said:
            found[field.name] = Suggestion(said[field.name], "said in trimtab.toml")
        elif field.name not in found and (suggestion := _of(field, see(columns.get(field.name)))):
            found[field.name] = suggestion
    return found


def _of(field: Field, seen: Seen) -> Suggestion | None:
    held = kind_held(seen)
    if held is not None and held != "text":
        return Suggestion(policy_for(held, field), f"values are {KINDS[held].many}")
    named = kind_named(field.name)
    if named is not None and fits(named, field) and believable(named, seen):
        return Suggestion(policy_for(named, field), f"named like {KINDS[named].one}")
    if field.dtype == "BYTES" and is_bare_name(field.name) and are_persons(seen):
        return Suggestion("drop", f"values look like {KINDS['name'].many}")
    return Suggestion("drop", f"values are {KINDS['text'].many}") if held == "text" else None
