"""A registry, opened: whom to ask, in TLS or not, and who we are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.remote.challenge import Origin
from trimtab.bundle.oci.remote.credentials import RunHelper, find_login, login_file, run_helper, said_login
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.reference import Remote
from trimtab.bundle.oci.remote.session import Session
from trimtab.bundle.oci.remote.wire import WireOfUrllib3, speaks_tls

__all__ = ["Terms", "open_registry"]

_HUB: Final = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
_PROBE_S: Final = 3.0  # of silence, after which this machine's own registry is taken for one without TLS


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a registry is talked to.

    plain_http: without TLS, also where it is not this machine. writing: whether more than reading must be allowed.
    """

    environ: Mapping[str, str]
    plain_http: bool = False
    mounts: Collection[str] = ()
    writing: bool = False
    patience: Patience = field(default_factory=Patience)
    machine: Machine = field(default_factory=Machine)
    run: RunHelper = run_helper


def open_registry(remote: Remote, terms: Terms) -> Registry:
    """The repository; nothing is asked of it yet, but whether a registry on this machine speaks TLS.

    UserError P248 where urllib3 is missing.
    """
    path = login_file(terms.environ)
    session = Session(
        WireOfUrllib3(terms.patience),
        _origin(remote, terms),
        lambda: said_login(terms.environ) or find_login(remote, path, terms.run),
        terms.patience,
        terms.machine,
    )
    return Registry(session, remote.repository, terms.mounts, writing=terms.writing)


def _origin(remote: Remote, terms: Terms) -> Origin:
    host = _HUB.get(remote.host, remote.host)
    plain, secure = Origin("http", host, remote.port or 80), Origin("https", host, remote.port or 443)
    if terms.plain_http:
        return plain
    if not remote.loopback:
        return secure
    hasty = replace(terms.patience, silence_s=_PROBE_S, connect_s=_PROBE_S)
    return secure if speaks_tls(WireOfUrllib3(hasty), secure.base) else plain
