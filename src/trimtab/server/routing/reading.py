"""Reads a routes file: all its faults at once, or the frozen values."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

from trimtab.bundle.manifest import NAME
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.hosts import is_loopback
from trimtab.server.gateway.backends import Backend, backend_of, place_of
from trimtab.server.routing.routes import Routes, Timeouts, print_of

__all__ = ["read_routes", "routes_of"]

T = TypeVar("T")
_LARGEST: Final = 1 << 20  # bytes
_MOST: Final = 64  # backends: each is asked every second
_LONGEST_S: Final = 86_400.0
_LARGEST_VERSION: Final = 2**53  # beyond, JSON of others has no exact integers
_REVISION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")  # stands in a header of answers
_PATH: Final = re.compile(r"/[\x21-\x7e]*")
_KINDS: Final[Mapping[str, tuple[type, str, str]]] = {
    "version": (int, "a whole number", "3"),
    "name": (str, "a text", '"churn"'),
    "listen": (str, "a text", '"127.0.0.1:8080"'),
    "control": (str, "a text", '"127.0.0.1:8090"'),
    "champion": (str, "a text", "a key of `backends`"),
    "backends": (dict, "a table", '{ "sha256:..." = "http://127.0.0.1:9001" }'),
    "state": (str, "a text", '"churn.state"'),
    "health": (str, "a text", '"/readyz"'),
    "token": (str, "a text", '"env:ROUTER_TOKEN"'),
    "hosts": (list, "an array", '["router"]'),
    "insecure": (bool, "a boolean", "true"),
    "plain_control": (bool, "a boolean", "true"),
    "tls_cert": (str, "a text", '"cert.pem"'),
    "tls_key": (str, "a text", '"key.pem"'),
    "timeouts": (dict, "a table", "{ answer = 60 }"),
}
_NEEDED: Final = ("version", "name", "listen", "control", "champion", "backends")


def read_routes(path: Path) -> Routes:
    """The routes of a file, TOML if it is called so, else JSON; UserError P380, P381, P370 with every fault."""
    path = path.absolute()
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "whoever places the revisions writes it" if isinstance(error, FileNotFoundError) else ""
        raise _unread(path, f"the file cannot be read: {(error.strerror or str(error)).lower()}", hint) from None
    if len(data) > _LARGEST:
        raise _unread(path, f"the file is larger than {_LARGEST} bytes")
    form = "TOML" if path.suffix == ".toml" else "JSON"
    try:
        text = data.decode()
        said = tomllib.loads(text) if form == "TOML" else json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:  # of UTF-8, of JSON and of TOML
        raise _unread(path, f"this is not {form}: {str(error)[:200].lower()}") from None
    if not isinstance(said, dict):
        raise _unread(path, "this is no table of keys")
    return routes_of(said, path)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _unread(path: Path, what: str, hint: str = "") -> UserError:
    return UserError(Problem("P380", what, str(path), hint))


def routes_of(said: Mapping[str, Any], path: Path) -> Routes:
    """What a parsed file says; faults as in `read_routes`. Paths start from the file's folder."""
    reading = _Reading(said, path)
    routes = reading.routes()
    if reading.faults or routes is None:
        raise UserError(*reading.faults)
    return routes


class _Reading:
    def __init__(self, said: Mapping[str, Any], path: Path) -> None:
        self._said, self._path = said, path
        self.faults: list[Problem] = []

    def _fault(self, key: str, what: str, hint: str = "") -> None:
        self.faults.append(Problem("P381", what, f"{self._path.name} {key}".rstrip(), hint))

    def _get(self, key: str, default: T) -> T:
        """The value of the key, or the default where it has none or a wrong one."""
        kind, wanted, example = _KINDS[key]
        value: Any = self._said.get(key, default)
        if key in self._said and type(value) is not kind:
            self._fault(key, f"this is not {wanted}", f"for example `{key} = {example}`")
            return default
        return value  # type: ignore[no-any-return]

    def routes(self) -> Routes | None:
        """None where there are faults."""
        for key in self._said:
            if key not in _KINDS:
                self._fault(key, f"no key `{key[:100]}`", did_you_mean(key, _KINDS))
        for key in _NEEDED:
            if key not in self._said:
                self._fault(key, f"`{key}` is missing", f"for example `{key} = {_KINDS[key][2]}`")
        version = self._get("version", 1)
        if not 0 < version <= _LARGEST_VERSION:
            self._fault("version", f"`{version}` is no version: 1 and above, more with every change")
        name = self._get("name", "name")
        if not NAME.fullmatch(name):
            self._fault("name", f"`{name[:100]}` is no name of an endpoint")
        backends = self._backends()
        champion = self._get("champion", "")
        if "champion" in self._said and "backends" in self._said and champion not in backends and backends:
            self._fault("champion", f"`{champion[:100]}` is no key of `backends`", did_you_mean(champion, backends))
        listen, control = self._place("listen"), self._place("control")
        if listen == control and listen[1]:
            self._fault("control", "the control plane needs a place of its own", "another port")
        rest = self._rest() | {"plain_control": self._plain(control[0])}
        if self.faults:
            return None
        folder, state = self._path.parent, self._get("state", f"{self._path.name}.state")
        return Routes(
            self._path, version, print_of(self._said), name, listen, control, backends, champion, folder / state, **rest
        )

    def _rest(self) -> dict[str, Any]:
        """What need not be said."""
        health, hosts = self._get("health", ""), self._get("hosts", list[Any]())
        if health and not _PATH.fullmatch(health):
            self._fault("health", f"`{health[:100]}` is no path", "for example `/readyz`")
        if not all(isinstance(one, str) for one in hosts):
            self._fault("hosts", "this is not an array of texts", 'for example `["router"]`')
        files = [self._get("tls_cert", ""), self._get("tls_key", "")]
        if any(files) and not all(files):
            self._fault("tls_key" if files[0] else "tls_cert", "a certificate and its key belong together")
        folder = self._path.parent
        tls = (folder / files[0], folder / files[1]) if all(files) else None
        token, insecure = self._get("token", ""), self._get("insecure", False)
        rest = {"health": health, "token": token, "hosts": tuple(hosts), "insecure": insecure}
        return rest | {"tls": tls, "timeouts": self._timeouts()}

    def _plain(self, host: str) -> bool:
        plain = self._get("plain_control", False)
        if plain and not is_loopback(host):
            self._fault("plain_control", "other machines reach `control`", "`control` at 127.0.0.1, or leave it away")
        return plain

    def _backends(self) -> dict[str, Backend]:
        said = self._get("backends", dict[str, Any]())
        if ("backends" in self._said and not said) or len(said) > _MOST:
            self._fault("backends", f"there are {len(said)} of them", f"1 to {_MOST}")
        found: dict[str, Backend] = {}
        for name, url in said.items():
            key = f"backends.{name[:100]}"
            if not _REVISION.fullmatch(name):
                self._fault(key, "this is no name of a revision", "a digest, or letters, digits, `.`, `_`, `-`, `:`")
            elif not isinstance(url, str):
                self._fault(key, "this is not a text", "for example `http://127.0.0.1:9001`")
            elif (backend := self._backend(key, url)) is not None:
                twin = next((other for other, one in found.items() if one == backend), "")
                if twin:
                    self._fault(key, f"it has the address of `{twin}`", "each revision has its own")
                found[name] = backend
        return found

    def _backend(self, key: str, url: str) -> Backend | None:
        try:
            return backend_of(url, "--champion")
        except UserError as error:
            self._at(key, error)
            return None

    def _place(self, key: str) -> tuple[str, int]:
        text = self._get(key, "")
        try:
            return place_of(text, key) if text else ("", 0)
        except UserError as error:
            self._at(key, error)
            return "", 0

    def _at(self, key: str, error: UserError) -> None:
        """The fault of an address, at its place in this file."""
        self.faults += [
            replace(one, where=f"{self._path.name} {key}", hint=one.hint.replace(f"`{key} ", f"`{key} = "))
            for one in error.problems
        ]

    def _timeouts(self) -> Timeouts:
        said, known = self._get("timeouts", dict[str, Any]()), {one.name for one in fields(Timeouts)}
        taken: dict[str, float] = {}
        for key, value in said.items():
            if key not in known:
                self._fault(f"timeouts.{key}", f"no key `{key[:100]}`", did_you_mean(key, known))
            elif type(value) not in (int, float) or not isfinite(value) or not 0 < value <= _LONGEST_S:
                self._fault(f"timeouts.{key}", f"this is no number of seconds: more than 0, at most {_LONGEST_S:g}")
            else:
                taken[key] = float(value)
        return Timeouts(**taken)
