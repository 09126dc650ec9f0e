"""What listeners speak over TLS: the same for every protocol, from the standard library."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NoReturn, TypeAlias

from trimtab.core.errors import Problem, UserError
from trimtab.server.settings import Settings

__all__ = ["Alpn", "files_of", "tls_of"]

Alpn: TypeAlias = Literal["http/1.1", "h2"]
_CERTIFICATE: Final = re.compile(rb"-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----")
_KEY: Final = re.compile(rb"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----")


class _LockedError(Exception):
    """The key wants a password, and there is nobody to be asked for it."""


def files_of(settings: Settings) -> tuple[Path, ...]:
    """Every file that a context is made of."""
    certificates = settings.guard.certificates
    return (*(settings.tls or ()), *(certificates.authorities if certificates is not None else ()))


def tls_of(settings: Settings, protocol: Alpn) -> ssl.SSLContext | None:
    """A server's context that agrees on that protocol; None for plain text.

    Raises UserError (P306) with every file that is at fault.
    """
    certificates = settings.guard.certificates
    if settings.tls is None:
        if certificates is None:
            return None
        what = "client certificates are shown over TLS only, and this server has no certificate of its own"
        raise UserError(Problem("P306", what, "trimtab serve", "say both `--tls-cert` and `--tls-key`"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols([protocol])
    problems = [*_own(context, *settings.tls)]
    if certificates is not None:
        problems += [problem for path in certificates.authorities for problem in _authority(context, path)]
        context.verify_mode = ssl.CERT_REQUIRED if certificates.required else ssl.CERT_OPTIONAL
        # an authority that stands below another one may be named alone. Not VERIFY_X509_STRICT: what it adds is about
        # form, and it refuses authorities made as most manuals say, by `openssl req -x509`
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if problems:
        raise UserError(*problems)
    return context


def _own(context: ssl.SSLContext, chain: Path, key: Path) -> Iterator[Problem]:
    """Load the server's certificate and key, or say why not."""
    hint = "a PEM file: the server's certificate first, then those that vouch for it"
    found = [
        *_unlike(chain, _CERTIFICATE, "no certificate in this file", hint),
        *_unlike(key, _KEY, "no private key in this file", "a PEM file with the key of the certificate"),
    ]
    if found:
        yield from found
        return
    try:
        context.load_cert_chain(os.fspath(chain), os.fspath(key), password=_locked)
    except _LockedError:
        hint = f"`openssl pkey -in {key} -out FILE` writes it without one: let nobody else read that file"
        yield Problem("P306", "the private key is locked with a password", str(key), hint)
    except OSError as error:  # ssl.SSLError is one
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            yield Problem(
                "P306", f"the private key is not that of `{chain}`", str(key), "name the pair that was issued"
            )
        else:
            yield Problem("P306", f"no certificate and key: {_reason(error)}", f"{chain}, {key}", hint)


def _authority(context: ssl.SSLContext, path: Path) -> Iterator[Problem]:
    """Trust one authority of clients, or say why not."""
    hint = "a PEM file with the certificates of the authority that issues those of clients"
    found = [*_unlike(path, _CERTIFICATE, "no certificate in this file", hint)]
    yield from found
    if not found:
        try:
            context.load_verify_locations(os.fspath(path))
        except OSError as error:
            yield Problem("P306", f"no authority: {_reason(error)}", str(path), hint)


def _unlike(path: Path, form: re.Pattern[bytes], what: str, hint: str) -> Iterator[Problem]:
    try:
        if not form.search(path.read_bytes()):
            yield Problem("P306", what, str(path), hint)
    except OSError as error:
        yield Problem("P306", f"the file cannot be read: {_reason(error)}", str(path), hint)


def _reason(error: OSError) -> str:
    reason: str = getattr(error, "reason", None) or error.strerror or str(error)
    return reason.lower().replace("_", " ")


def _locked() -> NoReturn:
    raise _LockedError
