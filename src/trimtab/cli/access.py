"""How a verb that asks a server shows who asks: a key or token, a client certificate; and whom it trusts itself."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import rich_click as click

from trimtab.cli.vaults.known import known_vaults
from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback
from trimtab.core.secrets import Secret, bearer, read_secret

__all__ = ["VARIABLES", "Access", "access_of", "access_options"]

F = TypeVar("F", bound=Callable[..., Any])
VARIABLES: Final = ("TRIMTAB_API_KEY", "TRIMTAB_TOKEN")
_PASSWORD: Final = "TRIMTAB_KEY_PASSWORD"  # noqa: S105  # the variable's name
_FILE: Final = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Access:
    """What goes with a request; credential: the value of its header `authorization`. tls: None for the default."""

    credential: Secret | None = None
    tls: ssl.SSLContext | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Of every request; they hold the secret."""
        return {} if self.credential is None else {"authorization": self.credential.reveal()}

    def hidden(self, text: str) -> str:
        """The text without the credential, should a server repeat it."""
        return text if self.credential is None else text.replace(self.credential.reveal().partition(" ")[2], "***")


def access_options(command: F) -> F:
    """`--key-from`, `--ca`, `--client-cert`, `--client-key` and `--insecure`."""
    for option in (
        click.option("--insecure", is_flag=True, help="Send the key over plain HTTP to another machine."),
        click.option(
            "--client-key", type=_FILE, metavar="FILE", help="Its private key, PEM, if it is in another file."
        ),
        click.option("--client-cert", type=_FILE, metavar="FILE", help="Certificate to show the server, PEM."),
        click.option("--ca", type=_FILE, metavar="FILE", help="Certificates to trust instead of the system's, PEM."),
        click.option(
            "--key-from", metavar="WHERE",
            help="Where the key or token is: env:NAME, file:PATH or azure-keyvault:URL/NAME.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def access_of(
    url: str, said: Mapping[str, Any], environ: Mapping[str, str] = os.environ, verb: str = "trimtab ask"
) -> Access:
    """What goes to that address, from `access_options` and the environment: `--key-from`, else the first variable.

    verb: what was typed.
    UserError P131 for a key that would travel in the open, P132 for files that TLS cannot use, P124 for a key of a
    certificate without it.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    named = [f"`--{name.replace('_', '-')}`" for name in ("ca", "client_cert", "client_key") if said[name]]
    if named and not secure:
        what = f"{named[0]} is for TLS, and the address is not `https://`"
        raise UserError(Problem("P114", what, verb, "say the server by a URL that begins with `https://`"))
    tls = _context(said["ca"], said["client_cert"], said["client_key"], environ, verb) if named else None
    reference = said["key_from"] or next((f"env:{name}" for name in VARIABLES if environ.get(name)), "")
    if not reference:
        return Access(tls=tls)
    if not secure and not said["insecure"] and not is_loopback(parts.hostname or ""):
        what = f"the key would go to `{parts.hostname}` in the open"
        hint = "ask it by `https://`; `--insecure` sends it all the same, readable by whoever is in between"
        raise UserError(Problem("P131", what, verb, hint))
    return Access(Secret(bearer(read_secret(reference, known_vaults(), environ), reference)), tls)


def _context(
    authority: Path | None, certificate: Path | None, key: Path | None, environ: Mapping[str, str], verb: str
) -> ssl.SSLContext:
    if key is not None and certificate is None:
        raise UserError(Problem("P124", "a key without its certificate", verb, "say `--client-cert` too"))
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("certificates to trust", authority, error) from None
    if certificate is not None:
        try:
            # a password that is not there is an empty one: OpenSSL would ask for it at the terminal
            context.load_cert_chain(certificate, key, lambda: environ.get(_PASSWORD, ""))
        except (OSError, ssl.SSLError) as error:
            raise _unusable("a client certificate and its key", key or certificate, error) from None
    return context


def _unusable(what: str, path: Path | None, error: OSError) -> UserError:
    said = "they are not there in it as PEM, or its password is not in `$TRIMTAB_KEY_PASSWORD`"
    if not isinstance(error, ssl.SSLError):
        said = (error.strerror or str(error)).lower()
    return UserError(Problem("P132", f"no {what} in this file: {said}", f"`{path}`"))
