"""Who may call, and how much, written as `[server]` has it: what `guard` reads, it gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trimtab.project.lines import dotted
from trimtab.server.guard.principal import Grant
from trimtab.server.guard.settings import Certificates, GuardSettings, Issuer, Share

__all__ = ["files_of", "guard_lines", "own_keys"]

_Pairs = Mapping[str, Any]


def own_keys(guard: GuardSettings, folder: Path) -> dict[str, Any]:
    """What stands in `[server]` itself, where it is said; files below the folder are named from there."""
    audit = None if guard.audit is None else _place(guard.audit, folder)
    return _said({"hosts": list(guard.hosts), "proxies": list(guard.proxies), "audit": audit})


def guard_lines(guard: GuardSettings, folder: Path) -> Iterator[str]:
    """The tables below `[server]`, each with an empty line ahead of it."""
    if guard.keys is not None:
        yield from _table(("auth",), {"keys": _place(guard.keys, folder)})
    for issuer in guard.issuers:
        yield from _table(("auth", "tokens", issuer.name), _issuer(issuer, folder))
    if guard.certificates is not None:
        yield from _table(("auth", "certificates"), _certificates(guard.certificates, folder))
    own = _share(guard.share)
    if guard.quotas is not None:
        own["file"] = _place(guard.quotas, folder)
    if own:
        yield from _table(("limits",), own)
    for name, share in guard.shares.items():
        yield from _table(("limits", "callers", name), _share(share))


def files_of(guard: GuardSettings) -> tuple[Path, ...]:
    """Files that it reads and that do not travel."""
    found = [guard.keys, *(issuer.authorities for issuer in guard.issuers)]
    return (
        *(path for path in found if path is not None),
        *(guard.certificates.authorities if guard.certificates else ()),
    )


def _issuer(issuer: Issuer, folder: Path) -> dict[str, Any]:
    default = Issuer("", "", ())
    said = {
        "issuer": issuer.issuer,
        "audiences": list(issuer.audiences),
        "algorithm": issuer.algorithm,
        "jwks": issuer.jwks,
        "authorities": None if issuer.authorities is None else _place(issuer.authorities, folder),
        "leeway": None
        if issuer.leeway_s == default.leeway_s
        else f"{issuer.leeway_s:.6f}".rstrip("0").rstrip(".") + "s",
        "subject": issuer.subject,
        "scopes": _texts(issuer.grants),
        "roles_claim": issuer.roles_claim,
        "roles": {name: _texts(grants) for name, grants in issuer.roles.items()},
    }
    return _said(said)


def _certificates(certificates: Certificates, folder: Path) -> dict[str, Any]:
    said = {
        "authorities": [_place(path, folder) for path in certificates.authorities],
        "scopes": _texts(certificates.grants),
        "names": {name: _texts(grants) for name, grants in certificates.names.items()},
        "required": certificates.required or None,
    }
    return _said(said)


def _share(share: Share) -> dict[str, Any]:
    return _said({"requests": share.requests, "rows": share.rows, "concurrent": share.concurrent})


def _texts(grants: tuple[Grant, ...]) -> list[str]:
    return [str(grant) for grant in grants]


def _said(pairs: _Pairs) -> dict[str, Any]:
    return {key: value for key, value in pairs.items() if value not in (None, "", [], {})}


def _place(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _table(path: tuple[str, ...], pairs: _Pairs) -> Iterator[str]:
    yield ""
    yield f"[{dotted(('server', *path))}]"
    for key, value in pairs.items():
        yield f"{key} = {_toml(value)}"


def _toml(value: object) -> str:
    """JSON's texts, numbers, booleans and arrays are TOML's; its objects are not."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
