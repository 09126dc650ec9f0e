"""Names in the place of what must not be kept, made with secrets that never leave the journal's folder.

All are BLAKE2b hashes under a key of their own purpose: without the folder's secret nobody can find a value by trying.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from trimtab.core.errors import UserError
from trimtab.journal.folder import Folder
from trimtab.journal.privacy import keyfile
from trimtab.journal.privacy.keyfile import SECRET, Stored
from trimtab.journal.privacy.naming import octets_of

__all__ = ["PERIOD_S", "Keys", "open_keys", "owner", "retire_salts"]

PERIOD_S: Final = 30 * 86400.0  # how long a salt serves
_NAME: Final = 12  # bytes of a name, written as 24 hexadecimal digits
_TAG: Final = 12  # characters
_SHORTEST: Final = 16  # bytes of a secret that is given
_LOOK_S: Final = 1.0  # how long a process may not know that another one has changed the salts
_ID: Final = re.compile(r"([0-9a-f]{12})([a-z2-7]{12})-[0-9a-f]{1,16}", re.ASCII)


class Keys:
    """The names that one journal gives; any thread may ask. `open_keys` makes it."""

    def __init__(self, path: Path, root: bytes, period_s: float) -> None:
        """path: of the file with the salts."""
        self._path = path
        self._period_s = period_s
        self._tags = _key(root, b"tag")
        self._subjects = hashlib.blake2b(key=_key(root, b"subject"), digest_size=_NAME)
        self._tokens = _key(root, b"token")
        self._lock = threading.Lock()
        self._salts: Mapping[int, bytes] = {}
        self._seen: tuple[int, int] | None = None
        self._looked = -_LOOK_S
        self._salted: dict[str, tuple[bytes, Callable[[bytes], str]]] = {}

    def tag(self, nonce: str, principal: str) -> str:
        """The mark of a principal in the ids of a process, 12 letters and digits."""
        told = hashlib.blake2b(f"{nonce}/{principal}".encode(), key=self._tags, digest_size=10).digest()
        return base64.b32encode(told).decode().lower()[:_TAG]

    def subject(self, value: object) -> str:
        """What a person is called, 24 digits; empty for nobody (None, NaN, an empty text)."""
        octets = octets_of(value)
        if not octets:
            return ""
        told = self._subjects.copy()
        told.update(octets)
        return told.hexdigest()

    def token(self, column: str, value: object) -> str:
        """The name of a value in columns of that name, 24 digits, for as long as the journal lives."""
        return self.tokens(column)(octets_of(value))

    def tokens(self, column: str) -> Callable[[bytes], str]:
        """`token` of what `octets_of` gives, for many values."""
        return _namer(self._tokens, column)

    def hashed(self, column: str, value: object, time: float) -> str:
        """The name of a value in that column around that time (seconds since 1970), 24 digits."""
        return self.hashes(column, time)(octets_of(value))

    def hashes(self, column: str, time: float) -> Callable[[bytes], str]:
        """`hashed` of what `octets_of` gives, for many values; OSError when a new salt cannot be kept."""
        salt = self._salt(int(time // self._period_s))
        salted = self._salted.get(column)
        if salted is None or salted[0] != salt:
            salted = self._salted[column] = salt, _namer(salt, column)
        return salted[1]

    def _salt(self, period: int) -> bytes:
        salt = self._salts.get(period)
        if salt is not None and time.monotonic() - self._looked < _LOOK_S:
            return salt
        with self._lock:
            self._look()
            if period not in self._salts:
                self._change(lambda stored: _with_salt(stored, period))
            return self._salts[period]

    def _look(self) -> None:
        """Learn what other processes have done to the salts."""
        self._looked = time.monotonic()
        about = self._path.stat()
        seen = about.st_ino, about.st_mtime_ns
        if seen != self._seen:
            with _as_oserror():
                stored = keyfile.read(self._path)
            self._salts, self._seen, self._salted = dict(stored.salts) if stored else {}, seen, {}

    def _change(self, changed: Callable[[Stored], Stored]) -> None:
        with _as_oserror():
            self._salts, self._salted = dict(keyfile.change(self._path, changed).salts), {}


def open_keys(folder: Folder, given: bytes | None = None, period_s: float = PERIOD_S) -> Keys:
    """The keys of a journal, made if there are none yet.

    given: a secret that replicas with folders of their own share, so that they give the same names; salts stay with
    each folder. UserError P950 for keys that cannot be used, OutsideError P951 where they cannot be kept.
    """
    path = folder.path / keyfile.NAME
    if given is not None and len(given) < _SHORTEST:
        raise keyfile.fault(f"a shared secret of {len(given)} bytes can be guessed, {_SHORTEST} are the least", path)
    stored = keyfile.read(path)
    if stored is None:
        own = secrets.token_bytes(SECRET) if given is None else None
        keyfile.store_first(path, Stored(own, _key(_root(own, given), b"check"), {}))
        stored = keyfile.read(path)
        if stored is None:
            raise keyfile.fault("the journal's keys were taken away", path)
    if (stored.secret is None) == (given is None):
        what = "a shared secret is given, the journal was begun without one"
        if given is None:
            what = "the journal was begun with a shared secret, and none is given"
        raise keyfile.fault(what, path, "a journal keeps to its secret; another one begins in another folder")
    root = _root(stored.secret, given)
    if not hmac.compare_digest(_key(root, b"check"), stored.check):
        what = (
            "the shared secret is not the one that the journal was begun with"
            if given
            else "the journal's keys are damaged"
        )
        raise keyfile.fault(what, path, "a journal keeps to its secret; another one begins in another folder")
    return Keys(path, root, period_s)


def retire_salts(folder: Folder, now: float | None = None, period_s: float = PERIOD_S) -> None:
    """Destroy the salts that are not needed any more, also where nothing is logged; to be called now and then.

    UserError P950 for keys that cannot be used, OSError.
    """
    path = folder.path / keyfile.NAME
    period = int((time.time() if now is None else now) // period_s)
    stored = keyfile.read(path)
    if stored is not None and _near(stored.salts, period).keys() != stored.salts.keys():
        keyfile.change(path, lambda stored: replace(stored, salts=_near(stored.salts, period)))


def owner(keys: Keys, id: str, principal: str) -> bool:  # noqa: A002 - as the journal calls it
    """Whether an interaction's id was given in an answer to this principal."""
    parts = _ID.fullmatch(id)
    return parts is not None and hmac.compare_digest(parts[2], keys.tag(parts[1], principal))


@contextmanager
def _as_oserror() -> Iterator[None]:
    """While questions are answered, keys that somebody has spoilt are one more disk that fails."""
    try:
        yield
    except UserError as error:
        raise OSError(errno.EIO, str(error)) from None


def _root(own: bytes | None, given: bytes | None) -> bytes:
    return (
        own if own is not None else hashlib.blake2b(given or b"", person=b"trimtab given", digest_size=SECRET).digest()
    )


def _key(root: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(purpose, key=root, person=b"trimtab journal", digest_size=SECRET).digest()


def _namer(key: bytes, column: str) -> Callable[[bytes], str]:
    name = column.encode("utf-8", "surrogatepass")
    start = hashlib.blake2b(len(name).to_bytes(4, "big") + name, key=key, digest_size=_NAME)

    def named(octets: bytes) -> str:
        told = start.copy()
        told.update(octets)
        return told.hexdigest()

    return named


def _near(salts: Mapping[int, bytes], period: int) -> dict[int, bytes]:
    """The salts that a request may still need: of the period before, for the slow, of the next, where clocks differ.

    After a clock that jumped far they are others: names are not the same as before, and nothing is betrayed.
    """
    return {number: salt for number, salt in salts.items() if abs(number - period) <= 1}


def _with_salt(stored: Stored, period: int) -> Stored:
    salts = _near(stored.salts, period)
    salts.setdefault(period, secrets.token_bytes(SECRET))
    return replace(stored, salts=salts)
