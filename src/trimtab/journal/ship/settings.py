"""What stands behind the place of a destination, key by key; faults are gathered, and no value is shown.

A secret has no place in a file: where one is wanted stands a reference (`env:NAME`, `file:PATH`, a vault's).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from trimtab.core.errors import Problem, did_you_mean
from trimtab.core.hosts import is_loopback
from trimtab.journal.ship.destination import LARGEST, TIMEOUT_S

__all__ = ["Settings", "safe"]

_REFERENCE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}:.+")
_URL_IN: Final = re.compile(r"https?", re.IGNORECASE)
_SIZE: Final = re.compile(r"([0-9]{1,9})(KiB|MiB|kB|MB|B)?")
_UNITS: Final = {"": 1, "B": 1, "kB": 1000, "KiB": 1 << 10, "MB": 1000**2, "MiB": 1 << 20}
_TIME: Final = re.compile(r"([0-9]{1,6})(s|m)")
_BROKER: Final = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,254}")
_SIZES: Final = (1000, 100_000_000)  # bytes of a message
_TIMES: Final = (1.0, 3600.0)  # seconds
_SHORT: Final = 30  # characters of a key that is shown
_PORTS: Final = 65536


def safe(text: str) -> str:
    """A destination's text as a message may show it: nothing of a user in it, and nothing behind the `?`."""
    bare = re.sub(r"//[^/?#]*@", "//", re.split(r"[?#]", text, maxsplit=1)[0])
    return f"`{bare[:120]}`"


class Settings:
    """The keys of one destination. `problems`: all faults found so far."""

    def __init__(self, url: SplitResult, keys: tuple[str, ...], where: str) -> None:
        """keys: those that this kind of destination knows; where: the place as a message may show it."""
        self.problems: list[Problem] = []
        self._url = url
        self._where = where
        self._given: dict[str, str] = {}
        if "@" in url.netloc:
            self.fault(
                "P963", "a user or a secret has no place before the `@`", "name where it is: `password=env:NAME`"
            )
        if url.fragment:
            self.fault("P960", "nothing stands behind a `#`", "write it as `%23` in a name")
        for key, value in parse_qsl(url.query, keep_blank_values=True):
            if key not in keys:
                named = f"`{key}`" if _NAME.fullmatch(key) and len(key) < _SHORT else "this"
                known = did_you_mean(key, keys) or "this kind of destination has no keys"
                self.fault("P961", f"{named} is no key of a destination of this kind", known)
            elif key in self._given:
                self.fault("P962", f"`{key}` is given twice", "leave one of them out")
            elif not value:
                self.fault("P962", f"`{key}` has no value", "leave it out instead")
            else:
                self._given[key] = value

    def fault(self, code: str, what: str, hint: str) -> None:
        """Take down a fault."""
        self.problems.append(Problem(code, what, self._where, hint))

    def text(self, key: str) -> str:
        """The key's value as it is; empty where it is not given."""
        return self._given.get(key, "")

    def needed(self, key: str, form: str) -> str:
        """The same, and a fault where it is not given."""
        if key not in self._given:
            self.fault("P962", f"`{key}` is missing", f"such as `{form}`")
        return self.text(key)

    def place(self, name: str, what: str, form: str) -> str:
        """A bucket, a topic or the like, that must be there and be a name."""
        bare = name.rpartition("@")[2]
        if not _NAME.fullmatch(bare):
            self.fault("P960", f"the {what} is missing or no name", f"such as `{form}`")
        return bare

    def prefix(self) -> str:
        """What all names at the destination begin with; empty for nothing."""
        prefix = self._url.path.strip("/")
        if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
            self.fault("P960", "the prefix has an empty part, `.` or `..` in it", "name a plain path")
        return prefix

    def reference(self, key: str, form: str = "") -> str:
        """A reference to a secret; a fault for anything else, and where there is none and `form` says it is needed."""
        value = self.needed(key, form) if form else self.text(key)
        if value and not _REFERENCE.fullmatch(value):
            hint = f"name where it is: `{key}=env:NAME` or `{key}=file:PATH`"
            self.fault("P963", f"`{key}` is no reference to a secret", hint)
        return value

    def endpoint(self) -> str:
        """The address of a store that is not the cloud's own; in the open only on this machine, or as it is told."""
        value = self.text("endpoint")
        try:
            url = urlsplit(value)
            host = url.hostname or ""
        except ValueError:
            url, host = urlsplit(""), ""
        if value and (not _URL_IN.fullmatch(url.scheme) or not host or "@" in url.netloc or url.query or url.fragment):
            self.fault("P962", "`endpoint` is no address", "such as `endpoint=https://minio.example:9000`")
        elif url.scheme == "http":
            self._open([host])
        else:
            self._insecure()  # looked at, also where it changes nothing
        return value.rstrip("/")

    def brokers(self, form: str) -> tuple[str, ...]:
        """Each `host:port`, with commas between them."""
        brokers = tuple(self._url.netloc.rpartition("@")[2].split(","))
        for broker in brokers:
            found = _BROKER.fullmatch(broker)
            if not found or not 0 < int(found[1]) < _PORTS:
                self.fault("P960", "a broker is a host and a port", f"such as `{form}`")
                break
        return brokers

    def tls(self, hosts: Iterable[str]) -> bool:
        """Whether it is TLS: always, but to this machine, or where the destination says `insecure=true`."""
        insecure = self._insecure()
        here = all(is_loopback(host.strip("[]")) for host in hosts)
        return bool(self.text("ca")) if here else not insecure

    def largest(self) -> int:
        """Bytes of the largest message."""
        value = self.text("largest")
        found = _SIZE.fullmatch(value)
        size = int(found[1]) * _UNITS[found[2] or ""] if found else LARGEST
        if value and not (found and _SIZES[0] <= size <= _SIZES[1]):
            self.fault("P962", "`largest` is no size from 1 kB to 100 MB", "such as `largest=900kB`")
        return size

    def timeout_s(self) -> float:
        """How long one request may take."""
        value = self.text("timeout")
        found = _TIME.fullmatch(value)
        time_s = float(found[1]) * (60.0 if found[2] == "m" else 1.0) if found else TIMEOUT_S
        if value and not (found and _TIMES[0] <= time_s <= _TIMES[1]):
            self.fault("P962", "`timeout` is no time from 1s to 60m", "such as `timeout=5m`, for a slow line")
        return time_s

    def _open(self, hosts: Iterable[str]) -> None:
        if not self._insecure() and not all(is_loopback(host) for host in hosts):
            hint = "use `https`, or say `insecure=true`: who is in between can read all of it"
            self.fault("P962", "what is kept, and who we are, would go to another machine in the open", hint)

    def _insecure(self) -> bool:
        value = self.text("insecure")
        if value and value not in ("true", "false"):
            self.fault("P962", "`insecure` is `true` or `false`", "leave it out for TLS")
        return value == "true"
