"""Files put into an object store by obstore; its names are those that the files have in the journal.

The same name is the same content, but for a file that something was forgotten of: so putting it again, after a kill or
a lost answer, changes nothing. A store shows an object whole or not at all.
"""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.core.secrets import read_secret
from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import S3, AzureBlob, shown

__all__ = ["ObjectCarrier", "refusal"]

_ASKED: Final = "interactions/trimtab-asks"  # looked up, not written: an answer of any kind is one
_REACH_S: Final = 10.0
_PART: Final = 5 << 20  # bytes; the smallest that S3 takes
_AT_ONCE: Final = 2  # parts
_STATUS: Final = re.compile(r"status code: (\d{3})\b")
_CODE: Final = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_KIND: Final = re.compile(r"kind: (Connect|Timeout)\b")
_PHRASES: Final = {str(status.value): status.phrase for status in HTTPStatus}
_HINTS: Final = {
    "401": "the store does not know us: mend the reference to a key, or the role of this machine",
    "403": "we may not write there: it needs the right to put objects",
    "404": "there is no such bucket or container; it is never made",
    "301": "the bucket is in another region: name it with `region=`",
}


class ObjectCarrier:
    """A `Carrier` to a bucket or container."""

    def __init__(self, destination: S3 | AzureBlob, tools: Tools) -> None:
        """Reads the secrets that are referred to; asks nobody yet."""
        self._place = shown(destination)
        try:
            import obstore
        except ImportError:
            what = "shipping to an object store needs obstore, which is not installed"
            raise UserError(Problem("P965", what, self._place, "`pip install 'trimtab[blob]'`")) from None
        self._obstore: Any = obstore
        self._asking = _store(destination, tools, min(_REACH_S, destination.timeout_s), retries=0)
        self._store = _store(destination, tools, destination.timeout_s, retries=2)

    def reach(self) -> None:
        """See `Carrier`. Who may only write is told so, which will do."""
        try:
            self._obstore.head(self._asking, _ASKED)
        except (FileNotFoundError, self._errors.PermissionDeniedError):
            return
        except (self._errors.BaseError, OSError, ValueError) as error:
            raise self._away(error) from None

    def send(self, parcel: Parcel) -> bool:
        """See `Carrier`."""
        if parcel.size == 0:
            raise DamagedError("it is empty", parcel.name)
        try:
            self._obstore.put(self._store, parcel.name, parcel.file, chunk_size=_PART, max_concurrency=_AT_ONCE)
        except (self._errors.BaseError, OSError, ValueError) as error:
            raise self._away(error) from None
        return True

    def close(self) -> None:
        """See `Carrier`."""

    @property
    def _errors(self) -> Any:
        return self._obstore.exceptions

    def _away(self, error: Exception) -> AwayError:
        what, hint = refusal(str(error))
        return AwayError(what, self._place, hint)


def refusal(text: str) -> tuple[str, str]:
    """What a store's error says, and what helps, without its addresses and bodies: these may hold who we are."""
    if found := _STATUS.search(text):
        code = _CODE.search(text)
        said = f"{found[1]} {_PHRASES.get(found[1], '')}".strip() + (f" ({code[1]})" if code else "")
        return f"the store answers {said}", _HINTS.get(found[1], "")
    match _KIND.search(text):
        case None:
            return "the store cannot be talked to", ""
        case found if found[1] == "Connect":
            return "the store cannot be connected to", ""
        case _:
            return "the store does not answer in time", "for a slow line: `timeout=5m`"


def _store(destination: S3 | AzureBlob, tools: Tools, timeout_s: float, retries: int) -> Any:
    """A client with a patience of its own; what the destination does not say, the environment does, or the machine."""
    options: dict[str, Any] = {
        "timeout": f"{timeout_s:g}s",
        "connect_timeout": f"{min(_REACH_S, timeout_s):g}s",
        "allow_http": False,
    }
    if destination.endpoint.lower().startswith("http:"):
        options["allow_http"] = True
    if destination.ca:
        options["root_certificate"] = _authorities(destination)
    backoff = {"init_backoff": timedelta(seconds=0.2), "max_backoff": timedelta(seconds=5), "base": 2}
    patience = {"max_retries": retries, "retry_timeout": timedelta(seconds=timeout_s), "backoff": backoff}
    given: dict[str, Any] = {"client_options": options, "retry_config": patience, "prefix": destination.prefix or None}
    if destination.endpoint:
        given["endpoint"] = destination.endpoint
    if isinstance(destination, S3):
        return _s3(destination, tools, given)
    return _azure(destination, tools, given)


def _s3(destination: S3, tools: Tools, given: dict[str, Any]) -> Any:
    from obstore.store import S3Store

    if destination.key:
        key_id = read_secret(destination.key_id, tools.vaults, tools.environ).reveal()
        key = read_secret(destination.key, tools.vaults, tools.environ).reveal()
        # so that no token of the environment is sent along with them
        given["credential_provider"] = lambda: {
            "access_key_id": key_id, "secret_access_key": key, "token": None, "expires_at": None,
        }  # fmt: skip
    if destination.region:
        given["region"] = destination.region
    return S3Store(destination.bucket, **given)


def _azure(destination: AzureBlob, tools: Tools, given: dict[str, Any]) -> Any:
    from obstore.store import AzureStore

    if destination.key:
        key = read_secret(destination.key, tools.vaults, tools.environ).reveal()
        given["credential_provider"] = lambda: {"access_key": key, "expires_at": None}
    if destination.sas:
        sas = read_secret(destination.sas, tools.vaults, tools.environ).reveal().lstrip("?")
        given["credential_provider"] = lambda: {"sas_token": sas, "expires_at": None}
    return AzureStore(destination.container, account_name=destination.account, **given)


def _authorities(destination: S3 | AzureBlob) -> bytes:
    try:
        return Path(destination.ca).read_bytes()
    except OSError as error:
        what = f"the file of authorities cannot be read: {(error.strerror or '').lower()}"
        raise AwayError(what, shown(destination), f"`ca={destination.ca}`") from None
