"""Who may call, and how much, as `[server]` says it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trimtab.project.faults import Faults
from trimtab.project.lines import KeyPath
from trimtab.project.wrong import Wrong
from trimtab.server.guard.settings import Certificates, GuardSettings, Issuer, Share

__all__ = ["check_guard", "guard_of"]


def check_guard(server: Mapping[str, Any], faults: Faults, whose: KeyPath = ("server",)) -> None:
    """P105 and P107 for everything that would let nobody in, or whoever comes. whose: the table's path in the file."""
    auth = server.get("auth", {})
    seen: dict[str, str] = {}
    for name, said in auth.get("tokens", {}).items():
        at = (*whose, "auth", "tokens", name)
        _check_issuer(said, at, faults)
        if (other := seen.setdefault(said.get("issuer", name), name)) != name:
            what = f"`tokens.{other}` has this issuer already"
            faults.add((*at, "issuer"), Wrong("P105", what, "one table an issuer, with all of its audiences and roles"))
    if "certificates" in auth:
        _check_certificates(auth["certificates"], (*whose, "auth", "certificates"), faults)
    for network in server.get("proxies", ()):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            faults.add((*whose, "proxies"), Wrong("P105", f"`{network}` is no network: {error}"))


def _check_issuer(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    for key, example in (("issuer", '"https://login.example"'), ("audiences", '["churn"]')):
        if not said.get(key) and not faults.has((*at, key)):
            faults.add((*at, key), Wrong("P107", f"`{key}` is missing", f"add `{key} = {example}`"))
    for key in ("issuer", "jwks"):
        if key in said and not _is_https(said[key]):
            faults.add((*at, key), Wrong("P105", f"`{said[key]}` is no address that begins with `https://`"))
    if not (said.get("scopes") or said.get("roles") or faults.has((*at, "scopes"), (*at, "roles"))):
        what = "neither `scopes` nor `roles`: callers with such tokens might do nothing"
        faults.add(at, Wrong("P105", what, 'for example `scopes = ["infer"]`'))


def _check_certificates(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    if not said.get("authorities") and not faults.has((*at, "authorities")):
        what = "`authorities` is missing: nobody would vouch for the callers"
        faults.add((*at, "authorities"), Wrong("P107", what, '`authorities = ["ca.pem"]`'))
    if not (said.get("scopes") or said.get("names") or faults.has((*at, "scopes"), (*at, "names"))):
        what = "neither `scopes` nor `names`: callers with such certificates might do nothing"
        faults.add(at, Wrong("P105", what, 'for example `scopes = ["infer"]`'))


def guard_of(server: Mapping[str, Any], folder: Path) -> GuardSettings:
    """The settings of a part without faults; paths start from the folder."""
    auth, limits = server.get("auth", {}), server.get("limits", {})
    audit, keys, quotas = server.get("audit"), auth.get("keys"), limits.get("file")
    return GuardSettings(
        keys=None if keys is None else folder / keys,
        issuers=tuple(_issuer(name, said, folder) for name, said in auth.get("tokens", {}).items()),
        certificates=_certificates(auth["certificates"], folder) if "certificates" in auth else None,
        share=_share(limits),
        shares={name: _share(said) for name, said in limits.get("callers", {}).items()},
        quotas=None if quotas is None else folder / quotas,
        proxies=server.get("proxies", ()),
        hosts=server.get("hosts", ()),
        audit=None if audit is None else folder / audit,
    )


def _issuer(name: str, said: Mapping[str, Any], folder: Path) -> Issuer:
    same = {key: said[key] for key in ("issuer", "audiences", "algorithm", "jwks", "subject", "roles_claim", "roles")
            if key in said}  # fmt: skip
    more: dict[str, Any] = {}
    if "authorities" in said:
        more["authorities"] = folder / said["authorities"]
    if "leeway" in said:
        more["leeway_s"] = said["leeway"]
    return Issuer(name, **same, **more, grants=said.get("scopes", ()))


def _certificates(said: Mapping[str, Any], folder: Path) -> Certificates:
    return Certificates(
        tuple(folder / name for name in said["authorities"]),
        said.get("scopes", ()),
        said.get("names", {}),
        said.get("required", False),
    )


def _share(said: Mapping[str, Any]) -> Share:
    return Share(said.get("requests", ""), said.get("rows", ""), said.get("concurrent"))


def _is_https(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)
