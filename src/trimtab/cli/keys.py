"""The options that name a key, for every verb that signs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from trimtab.bundle.trust.policy import NamedPem
    from trimtab.bundle.trust.signing import Credentials

__all__ = ["credentials_of", "key_options"]

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_PASSWORD = "TRIMTAB_KEY_PASSWORD"  # noqa: S105  # the variable's name


def key_options(*, required: bool) -> Callable[[F], F]:
    """`--key`, `--certificate` and `--chain`."""

    def add(command: F) -> F:
        said = "Private key, PEM: P-256, P-384 or P-521; `env:NAME` for a variable that holds it."
        if not required:
            said = f"Sign with it. {said}"
        command = click.option(
            "--chain", type=_FILE, multiple=True, metavar="FILE", help="Certificates between it and its authority."
        )(command)
        command = click.option(
            "--certificate", type=_FILE, default=None, metavar="FILE", help="The key's certificate, PEM."
        )(command)
        return click.option("--key", required=required, type=_FILE, metavar="FILE", help=said)(command)

    return add


def _private(key: Path) -> NamedPem:
    """The key of a file, or of a variable that holds it, as jobs of a pipeline are given secrets."""
    from trimtab.bundle.trust.keys import pem_file
    from trimtab.bundle.trust.policy import NamedPem
    from trimtab.core.secrets import read_secret

    reference = str(key)
    if not reference.startswith("env:"):
        return pem_file(key)
    return NamedPem(reference, read_secret(reference, {}).reveal().encode())


def credentials_of(key: Path, certificate: Path | None, chain: tuple[Path, ...]) -> Credentials:
    """What signs; the key's password comes from $TRIMTAB_KEY_PASSWORD, or is asked for at a terminal."""
    from trimtab.bundle.trust.keys import pem_file
    from trimtab.bundle.trust.signing import Credentials

    secret = _private(key)
    password = os.environ.get(_PASSWORD, "")
    if not password and b"ENCRYPTED" in secret.pem and sys.stdin.isatty():
        password = click.prompt(f"password of {key.name}", hide_input=True, err=True)
    own = pem_file(certificate) if certificate else None
    return Credentials(secret, password, own, tuple(pem_file(one) for one in chain))
