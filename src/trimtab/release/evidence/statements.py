"""What was found of a bundle, as an in-toto statement and back; reading is strict, and knows nothing of signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, get_args

import msgspec

from trimtab.bundle.reference import DIGEST
from trimtab.bundle.trust.envelope import STATEMENT
from trimtab.core.attestations import KINDS, Attestation, EvidenceKind, Measure
from trimtab.core.verdicts import Verdict

__all__ = ["attestation_of", "kind_in", "predicate_type", "statement_of"]

_BEFORE: Final = "urn:trimtab:evidence:"
_AFTER: Final = ":v1"
_VERDICTS: Final = get_args(Verdict)
_PLACE: Final = re.compile(r"([a-z0-9][a-z0-9._-]{0,62})?")


class _Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: float | None
    verdict: Verdict
    limit: float | None
    unit: str
    count: int
    says: str


class _Predicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Verdict
    made: float
    by: str
    against: str
    environment: str
    measures: tuple[_Measure, ...]
    facts: dict[str, Any]


class _Digests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: str


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: _Digests


class _Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    type_: str = msgspec.field(name="_type")
    subject: tuple[_Subject]
    predicate_type: str
    predicate: _Predicate


_READ: Final = msgspec.json.Decoder(_Whole)


def predicate_type(kind: EvidenceKind) -> str:
    """`urn:trimtab:evidence:golden:v1`."""
    return f"{_BEFORE}{kind}{_AFTER}"


def kind_in(says: str) -> EvidenceKind | None:
    """The kind of evidence that a statement of this predicate type is; None for a statement of something else."""
    return next((kind for kind in KINDS if says == predicate_type(kind)), None)


def statement_of(found: Attestation) -> dict[str, Any]:
    """The statement. ValueError for what could not be read back; a number that is none is no number then."""
    if fault := _fault(found):
        raise ValueError(fault)
    measures = [
        {
            "name": one.name, "value": _number(one.value), "verdict": one.verdict, "limit": _number(one.limit),
            "unit": one.unit, "count": one.count, "says": one.says,
        }
        for one in found.measures
    ]  # fmt: skip
    return {
        "_type": STATEMENT,
        "subject": [{"digest": {"sha256": found.digest.removeprefix("sha256:")}}],
        "predicateType": predicate_type(found.kind),
        "predicate": {
            "verdict": found.verdict,
            "made": float(found.made),
            "by": found.by,
            "against": found.against,
            "environment": found.environment,
            "measures": measures,
            "facts": _plain(found.facts),
        },
    }


def attestation_of(payload: bytes) -> Attestation:
    """What the bytes of a statement say, without a signer; ValueError saying why they are no evidence."""
    try:
        whole = _READ.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"it cannot be read: {error}") from None
    kind = next((kind for kind in KINDS if whole.predicate_type == predicate_type(kind)), None)
    if kind is None or whole.type_ != STATEMENT:
        raise ValueError("it is no evidence")
    said = whole.predicate
    found = Attestation(
        kind, f"sha256:{whole.subject[0].digest.sha256}", said.verdict, said.made, said.by, said.against,
        said.environment, tuple(Measure(**msgspec.structs.asdict(one)) for one in said.measures), said.facts,
    )  # fmt: skip
    if fault := _fault(found):
        raise ValueError(fault)
    return found


def _fault(found: Attestation) -> str:
    if found.kind not in KINDS or found.verdict not in _VERDICTS:
        return f"`{found.kind}` with `{found.verdict}` is no kind of evidence with a verdict"
    if not DIGEST.fullmatch(found.digest):
        return "it is about no digest"
    if found.against and not DIGEST.fullmatch(found.against):
        return "it was compared with no digest"
    if not _PLACE.fullmatch(found.environment):
        return "its environment has no name that one can have"
    if found.kind == "approval" and not found.environment:
        return "it says yes to no environment"
    if not (isfinite(found.made) and found.made >= 0):
        return "it was made at no time"
    return ""


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None


def _plain(value: Any) -> Any:
    """Facts as JSON has them; a number that is none is left out of it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return None if isinstance(value, float) and not isfinite(value) else value
