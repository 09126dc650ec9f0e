"""The scheme Bearer: credentials are brought to the realm that the registry names, which gives a token for a while."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

import msgspec

from trimtab.bundle.oci.remote.challenge import Challenge
from trimtab.bundle.oci.remote.credentials import Login
from trimtab.bundle.oci.remote.wire import Request

__all__ = ["bearer", "token_request"]

_TOKEN: Final = re.compile(r"[!-~]{1,32768}")  # visible characters: nothing that could start another header


class _Answer(msgspec.Struct, frozen=True):
    token: str | None = ""
    access_token: str | None = ""


def token_request(challenge: Challenge, scope: str, login: Login | None) -> Request:
    """The question to the realm, which was found to be sound. scope: where the challenge names none."""
    asked = {"service": challenge.params.get("service", ""), "scope": challenge.params.get("scope", scope)}
    asked = {name: value for name, value in asked.items() if value}
    realm = challenge.params["realm"]
    if login and login.identity:
        form = asked | {"grant_type": "refresh_token", "client_id": "trimtab", "refresh_token": login.identity}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Request("POST", realm, headers, urlencode(form).encode())
    url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}" if asked else realm
    return Request("GET", url, {"authorization": login.basic} if login else {})


def bearer(data: bytes) -> str:
    """The header's value of what the realm answered; ValueError where there is no token in it."""
    try:
        answer = msgspec.json.decode(data, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("is no answer of a realm") from None
    token = answer.token or answer.access_token or ""
    if not _TOKEN.fullmatch(token):
        raise ValueError("has no token")
    return f"Bearer {token}"
