"""The kinds of a person's data that are told apart, and what is suggested to keep of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.core.dtypes import is_float, is_integer
from trimtab.core.signature import Field

__all__ = ["KINDS", "About", "Kind", "Suggestion", "fits", "policy_for"]

Kind: TypeAlias = Literal[
    "name", "email", "phone", "address", "birth", "age", "card", "account", "ip", "document", "social", "password",
    "sensitive", "biometric", "text", "id",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """one, many: in words. takes: what its values may be, of "text", "number", "time", "bytes", "truth"."""

    one: str
    many: str
    takes: frozenset[str] = frozenset({"text"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A policy, as the journal reads it, and why."""

    policy: str
    reason: str


_WRITTEN: Final = frozenset({"text", "number"})  # of digits: a number in some tables
KINDS: Final[dict[Kind, About]] = {
    "name": About("a person's name", "names of persons"),
    "email": About("an e-mail address", "e-mail addresses"),
    "phone": About("a phone number", "phone numbers", _WRITTEN),
    "address": About("a postal address", "postal addresses", _WRITTEN),
    "birth": About("a date of birth", "dates of birth", _WRITTEN | {"time"}),
    "age": About("an age", "ages", _WRITTEN),
    "card": About("a payment card", "numbers of payment cards", _WRITTEN),
    "account": About("a bank account", "IBANs", _WRITTEN),
    "ip": About("an IP address", "IP addresses"),
    "document": About("an identity document", "numbers of identity documents", _WRITTEN),
    "social": About("a social security or tax number", "social security numbers", _WRITTEN),
    "password": About("a password", "passwords"),
    "sensitive": About("gender, origin, belief or health", "of a sensitive kind", _WRITTEN | {"truth"}),
    "biometric": About("a picture or print of a person", "pictures of persons", frozenset({"text", "bytes"})),
    "text": About("free text", "free text"),
    "id": About("an identifier of a person", "identifiers of persons", _WRITTEN),
}


def fits(kind: Kind, field: Field) -> bool:
    """Whether a column of this dtype can hold that kind."""
    return _holds(field) in KINDS[kind].takes


def policy_for(kind: Kind, field: Field) -> str:
    """What is suggested: roughly when or how old, a name in the place of what joins, and nothing of all the rest."""
    holds = _holds(field)
    if kind == "birth" and holds == "time":
        return "bucket year"
    if kind in ("birth", "age") and holds == "number":
        return "bucket 10"
    return "tokenise" if kind == "id" else "drop"


def _holds(field: Field) -> str:
    if field.kind == "datetime":
        return "time"
    if field.dtype == "BOOL":
        return "truth"
    if is_float(field.dtype) or is_integer(field.dtype):
        return "number"
    return "bytes" if field.kind == "bytes" else "text"
