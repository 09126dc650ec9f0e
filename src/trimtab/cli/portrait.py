"""What `trimtab inspect` shows a person: a line a topic; what is not there has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from trimtab.cli.show import cell, size_text

__all__ = ["portrait"]

Line: TypeAlias = tuple[str, str]
_DIGITS: Final = 12


def portrait(said: Mapping[str, Any]) -> Iterator[Line]:
    """Topic and text of each line, of what `summary` found."""
    yield "bundle", f"{said['name']}@{said['digest']}"
    prepared = f", prepared by {said['prepare']}" if said["prepare"] else ""
    python = f", Python {said['python']}" if said["python"] else ""
    yield "flavour", f"{said['flavour']}{prepared}{python}"
    for side in ("input", "output"):
        for field in said[f"{side}s"]:
            yield side, _field(field)
    for name, size in said["files"].items():
        yield "file", f"{size_text(size):>9}  {name}"
    yield "size", f"{len(said['files'])} files, {size_text(said['bytes'])}"
    yield "code", ", ".join(said["code"]) or "none"
    yield from _made(said)
    yield from _proved(said)
    yield from _logged(said)
    yield from _vouched(said)


def _made(said: Mapping[str, Any]) -> Iterator[Line]:
    """Where it came from, and what it needs."""
    if said["source"]["commit"]:
        dirty = ", with uncommitted changes" if said["source"]["dirty"] else ""
        yield "source", f"{said['source']['commit']}{dirty}"
    for name, digest in said["data"].items():
        yield "data", f"{name} sha256:{digest[:_DIGITS]}"
    for name, value in said["metrics"].items():
        yield "metric", f"{name} {cell(value)}"
    if lock := said["lock"]:
        yield "lock", f"{lock['requirements']} requirements, sha256:{lock['sha256'][:_DIGITS]}"
    if sbom := said["sbom"]:
        counts = ", ".join(f"{count} {kind}" for kind, count in sbom.get("components", {}).items())
        yield "sbom", sbom.get("fault") or f"CycloneDX {sbom['cyclonedx']}, {counts or 'nothing'}"


def _proved(said: Mapping[str, Any]) -> Iterator[Line]:
    """What was tried when it was packaged."""
    if compiled := said["compiled"]:
        yield "compiled", f"{compiled['form']}, {compiled.get('certificate', 'no certificate')}"
    if golden := said["golden"]:
        yield "golden", f"{golden['rows']} rows, rtol {golden['rtol']:g}, atol {golden['atol']:g}"


def _logged(said: Mapping[str, Any]) -> Iterator[Line]:
    """What of its columns is not kept as it is when it is served."""
    privacy = said["privacy"]
    if "fault" in privacy:
        yield "privacy", privacy["fault"]
    for name, one in privacy.get("columns", {}).items():
        yield "privacy", f"{name}  {one['policy']}, {one['reason']}"


def _vouched(said: Mapping[str, Any]) -> Iterator[Line]:
    """Who brought it, and who says what of it."""
    origin = said["origin"] or {"origin": "unknown", "signers": ()}
    yield (
        "origin",
        ", signed by ".join([origin["origin"], *(["; ".join(origin["signers"])] if origin["signers"] else [])]),
    )
    from trimtab.release.evidence.statements import kind_in

    for one in said["evidence"]:
        of = f"{kind}, " if (kind := kind_in(one["says"])) else ""
        claims = f"it says: by {one['claims']}" if one["claims"] else ""
        if one["signer"]:
            yield one["kind"], f"{of}by {one['signer']}"
        elif one["fault"]:
            yield one["kind"], "; ".join(filter(None, (f"{of}does not count: {one['fault']}", claims)))
        else:
            yield one["kind"], f"{of}not verified, {claims}"
    if not said["evidence"]:
        yield "evidence", "none"


def _field(field: Mapping[str, Any]) -> str:
    """One column on one line: name, datatype, and what more is said of it."""
    more = [f"{key} {cell(value)}" for key, value in field.items() if key not in ("name", "dtype")]
    return "  ".join([field["name"], field["dtype"], *more])
