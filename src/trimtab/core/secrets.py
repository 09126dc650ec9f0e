"""Where a secret comes from, and a value that keeps it out of whatever is printed, logged or sent on.

A reference names the place, never the secret: `env:NAME`, `file:PATH` (as Kubernetes and Docker mount them), or
`KIND:NAME` of a vault, such as `azure-keyvault:https://team.vault.azure.net/churn-key`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final, Never, Protocol, TypeAlias, final

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError, did_you_mean

__all__ = ["Secret", "Vault", "VaultError", "Vaults", "bearer", "masked", "read_secret"]

LARGEST: Final = 1 << 20  # bytes
_STARS: Final = "***"
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1
_LINE_END: Final = re.compile(r"\r?\n\Z")
# what somebody pastes where a reference is wanted: a key of ours, a JSON web token
_PASTED: Final = re.compile(r"tt_[0-9a-z]{8}_[A-Za-z0-9_-]+|eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9._-]+")


@final
class Secret:
    """A text that shows as `***`; `reveal` is the one way to it, so that every use of it can be found."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """value: any text."""
        self.__value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self.__value

    def __repr__(self) -> str:
        """Stars, for `str` too."""
        return _STARS

    def __format__(self, _form: str) -> str:
        """Stars, whatever the form."""
        return _STARS

    def __reduce__(self) -> Never:
        """A secret is not copied to a disk or to another process."""
        raise TypeError("a secret cannot be pickled")


class VaultError(Exception):
    """A vault did not give a secret; `what` says why and holds nothing of it, `hint` what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        """As in a `Problem`."""
        super().__init__(what)
        self.what = what
        self.hint = hint


class Vault(Protocol):
    """A place that keeps secrets by name; installed ones are entry points of `trimtab.vaults`, named by their kind."""

    def read(self, name: str) -> str:
        """The secret of that name: all that a reference says behind its kind. VaultError where there is none."""


Vaults: TypeAlias = Mapping[str, Vault]


def read_secret(reference: str, vaults: Vaults, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret that a reference names; one line end at its end is cut, and it is not empty.

    UserError P344 for a reference that is none, or names nothing that can be read; OutsideError P345 for a vault that
    gives nothing. Neither shows a secret, also where one was written in the place of a reference.
    """
    kind, colon, name = reference.partition(":")
    if not colon or not _KIND.fullmatch(kind):
        raise _fault(
            "this is no reference to a secret", "", f"write {_forms(vaults)}; a secret itself has no place here"
        )
    match kind:
        case "env":
            value = _from_environment(reference, name, environ)
        case "file":
            value = _from_file(reference, name)
        case _:
            value = _from_vault(reference, kind, name, vaults)
    value = _LINE_END.sub("", value)
    if not value:
        raise _fault("this secret is empty", reference)
    return Secret(value)


def bearer(secret: Secret, reference: str) -> str:
    """The value of the header `authorization` for a key or token; UserError P344 for what cannot stand in it."""
    if not _BEARER.fullmatch(secret.reveal()):
        what = "this secret is no key or token: it has blanks, line ends or other characters that none has"
        raise _fault(what, reference)
    return f"Bearer {secret.reveal()}"


def masked(text: str) -> str:
    """The text with stars for all that looks like an API key of ours or a JSON web token."""
    return _PASTED.sub(_STARS, text)


def _from_environment(reference: str, name: str, environ: Mapping[str, str]) -> str:
    if not _VARIABLE.fullmatch(name):
        raise _fault("behind `env:` stands no name of a variable", "", "such as `env:TRIMTAB_API_KEY`")
    if name not in environ:
        raise _fault("this variable is not set", reference)
    return environ[name]


def _from_file(reference: str, name: str) -> str:
    """Links are followed: Kubernetes swaps what it mounts by them."""
    try:
        with open(name, "rb") as file:  # noqa: PTH123  # also a number of what a shell handed over, as `/dev/fd/3`
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "its name cannot be one"
        raise _fault(f"this file cannot be read: {said.lower()}", reference) from None
    if len(data) > LARGEST:
        raise _fault(f"this file is larger than {LARGEST >> 20} MiB", reference)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _fault("this file is not UTF-8 text", reference) from None


def _from_vault(reference: str, kind: str, name: str, vaults: Vaults) -> str:
    if kind not in vaults:
        raise _fault("there is no such kind of secrets", "", did_you_mean(kind, ("env", "file", *vaults)))
    try:
        return vaults[kind].read(name)
    except VaultError as error:
        problem = Problem("P345", f"no secret was given: {error.what}", f"`{masked(reference)}`", error.hint)
        raise OutsideError(problem) from None


def _forms(vaults: Vaults) -> str:
    return ", ".join(("`env:NAME`", "`file:PATH`", *(f"`{kind}:...`" for kind in vaults)))


def _fault(what: str, reference: str, hint: str = "") -> TrimtabError:
    return UserError(Problem("P344", what, f"`{masked(reference)}`" if reference else "", hint))
