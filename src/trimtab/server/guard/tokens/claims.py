"""What a token claims (RFC 7519, section 4.1), held against what its issuer's settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import Any

from trimtab.server.guard.principal import Grant, Principal
from trimtab.server.guard.settings import Issuer
from trimtab.server.guard.tokens.compact import LONGEST_NAME
from trimtab.server.guard.tokens.unfit import UnfitError

__all__ = ["good_until", "principal_of", "require_audience", "roles_of"]


def good_until(claims: Mapping[str, Any], issuer: Issuer, now: float) -> float:
    """Until when the token is taken, in seconds since 1970; UnfitError where that is over or has not begun."""
    if "exp" not in claims:
        raise UnfitError("claims")
    until = _seconds(claims, "exp", inf) + issuer.leeway_s
    begins = max(_seconds(claims, "nbf", -inf), _seconds(claims, "iat", -inf)) - issuer.leeway_s
    if now >= until:
        raise UnfitError("expired")
    if now < begins:
        raise UnfitError("not yet")
    return until


def require_audience(claims: Mapping[str, Any], issuer: Issuer) -> None:
    """UnfitError unless the token is meant for us: its audience is one text, or a list of them."""
    meant = claims.get("aud")
    meant = (meant,) if isinstance(meant, str) else _texts(meant)
    if not any(one in issuer.audiences for one in meant):
        raise UnfitError("audience")


def principal_of(claims: Mapping[str, Any], issuer: Issuer) -> Principal:
    """The caller; UnfitError for a subject that is no short, printable text. One without any grant is a caller too."""
    subject = claims.get(issuer.subject)
    # what is printed of it, or written into a file, must not break a line nor hide a part of it
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_NAME or not subject.isprintable():
        raise UnfitError("subject")
    grants: list[Grant] = [*issuer.grants]
    for role in roles_of(claims, issuer.roles_claim):
        grants += issuer.roles.get(role, ())
    return Principal(f"token:{issuer.name}:{subject}", tuple(dict.fromkeys(grants)), "token")


def roles_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The roles in a claim: a list of texts, or words in one text; none where it is missing or anything else.

    A name with dots is that of a claim, or else the way through objects to one: `realm_access.roles` of Keycloak.
    """
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    return tuple(found.split()) if isinstance(found, str) else _texts(found)


def _texts(value: Any) -> tuple[str, ...]:
    """A list of nothing but texts; empty for anything else."""
    return tuple(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else ()


def _seconds(claims: Mapping[str, Any], name: str, absent: float) -> float:
    """A time in seconds since 1970, `absent` where it is not claimed; UnfitError for anything but a finite number."""
    if name not in claims:
        return absent
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError("claims")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = inf
    if not isfinite(seconds):
        raise UnfitError("claims")
    return seconds
