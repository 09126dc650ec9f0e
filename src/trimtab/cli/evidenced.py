"""How evidence is shown: a line for a person, plain values for a program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trimtab.cli.show import aligned

if TYPE_CHECKING:
    from trimtab.core.attestations import Attestation, Measure
    from trimtab.ops.evidence.listing import Listed

__all__ = ["detail", "plain", "summary", "table"]

_NAME = 12  # digits of a document's name


def table(rows: tuple[Listed, ...], now: float) -> str:
    """A line for each document that counts somewhere, under a heading."""
    names = ("kind", "verdict", "age", "by", "counts in", "document")
    return aligned(names, [_row(one, one.found, now) for one in rows if one.found is not None])


def _row(one: Listed, found: Attestation, now: float) -> tuple[str | None, ...]:
    places = ", ".join(name for name in one.counts_in if name) or None
    return found.kind, found.verdict, _age(found, now), found.signer, places, one.document[:_NAME]


def summary(found: Attestation, now: float) -> str:
    """`PASS 3 h ago by ci`, with what is weak in it."""
    weak = [_measure(one) for one in found.measures if one.verdict not in ("PASS", found.verdict)]
    return f"{found.verdict} {_age(found, now)} ago by {found.signer}" + (f": {', '.join(weak)}" if weak else "")


def detail(one: Listed, now: float) -> Iterator[tuple[str, str]]:
    """Topics and texts of everything that a document says."""
    found = one.found
    yield "document", one.document
    if found is None:
        yield "kind", f"{one.kind or 'nobody knows'}, as it says itself"
        yield "fault", one.fault
        return
    when = datetime.fromtimestamp(found.made, UTC).isoformat(timespec="seconds")
    yield "kind", found.kind
    yield "verdict", f"{found.verdict} at {when}, {_age(found, now)} ago"
    yield "signer", f"{found.signer}, key {found.key}"
    for topic, text in (("by", found.by), ("for", found.environment), ("against", found.against), ("fault", one.fault)):
        if text:
            yield topic, text
    for measure in found.measures:
        yield measure.verdict.lower(), _measure(measure)
    for name, value in found.facts.items():
        if value in ("", None, []):
            continue
        yield name, "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def plain(one: Listed) -> dict[str, Any]:
    """All of it, JSON-ready."""
    said: dict[str, Any] = {"document": one.document, "kind": one.kind, "counts_in": list(one.counts_in)}
    said["fault"] = one.fault
    if (found := one.found) is not None:
        keys = ("verdict", "made", "signer", "key", "by", "environment", "against")
        said |= {key: getattr(found, key) for key in keys}
        names = ("name", "value", "verdict", "limit", "unit", "count", "says")
        said["measures"] = [{name: getattr(each, name) for name in names} for each in found.measures]
        said["facts"] = dict(found.facts)
    return said


def _measure(one: Measure) -> str:
    value = "" if one.value is None else f" {one.value:g}{f' {one.unit}' if one.unit else ''}"
    limit = "" if one.limit is None else f", limit {one.limit:g}"
    return f"{one.name}{value}{limit}{f', {one.says}' if one.says else ''}"


def _age(found: Attestation, now: float) -> str:
    from trimtab.release.promotion.look import age

    return age(now - found.made)
