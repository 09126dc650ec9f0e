"""Who may call, as frozen values; `None`, or empty, where the project says nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from trimtab.core.secrets import Secret
from trimtab.server.guard.principal import Grant

__all__ = ["ALGORITHMS", "Algorithm", "Certificates", "GuardSettings", "Issuer", "Share"]

# signatures by a public key only: a shared secret would let whoever checks a token make one
Algorithm: TypeAlias = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)


@dataclass(frozen=True, slots=True)
class Issuer:
    """One OpenID Connect provider, or anything that signs JSON Web Tokens.

    name: what principals of it are called after. jwks: address of its key set; empty: found by discovery at
    `ISSUER/.well-known/openid-configuration`. authorities: PEM file of certificates that its TLS stands below; None:
    the system's. subject: the claim that names the principal. grants: of every valid token. roles: further ones by the
    value of the claim `roles_claim` (a list, or words in one text).
    """

    name: str
    issuer: str
    audiences: tuple[str, ...]
    algorithm: Algorithm = "RS256"
    jwks: str = ""
    authorities: Path | None = None
    leeway_s: float = 30.0
    subject: str = "sub"
    grants: tuple[Grant, ...] = ()
    roles_claim: str = "roles"
    roles: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Callers known by a client certificate below one of the authorities (PEM files).

    grants: of every such caller. names: further ones by a name in the certificate: URI, host name, mail address, or
    the common name where there is no other. required: whether a connection without one is refused.
    """

    authorities: tuple[Path, ...]
    grants: tuple[Grant, ...] = ()
    names: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What one principal may take; rates as the package `limits` writes them: `100/second; 1000000/day`.

    requests, rows: empty for no limit. concurrent: requests that are being answered at once; None for no limit.
    """

    requests: str = ""
    rows: str = ""
    concurrent: int | None = None


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """Who may call, and how much.

    keys: file of hashed API keys. shares: by principal name or pattern of it, first match wins; `share` for the others.
    quotas: file that counts outlive a restart in; None: they do not. proxies: networks whose forwarded addresses are
    believed. hosts: names that this server is called by, beside loopback ones. audit: folder of audit records.
    owner: a token that may do everything, in place of keys and issuers.
    """

    keys: Path | None = None
    issuers: tuple[Issuer, ...] = ()
    certificates: Certificates | None = None
    share: Share = field(default_factory=Share)
    shares: Mapping[str, Share] = field(default_factory=dict)
    quotas: Path | None = None
    proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    audit: Path | None = None
    owner: Secret | None = None

    @property
    def asks(self) -> bool:
        """Whether callers have to say who they are."""
        known = (self.keys, self.certificates, self.owner)
        return bool(self.issuers) or any(one is not None for one in known)
