"""Who somebody is at a registry, from where `docker login` and `podman login` keep it: a file, or a helper program."""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from trimtab.bundle.oci.remote.faults import no_way_in
from trimtab.bundle.oci.remote.reference import Remote

__all__ = ["Login", "RunHelper", "find_login", "login_file", "run_helper", "said_login"]

# runs a command with a text for its input; its exit status and what it says
RunHelper: TypeAlias = Callable[[Sequence[str], str], tuple[int, str]]

_HUB: Final = ("docker.io", "index.docker.io", "registry-1.docker.io")
_HUB_KEY: Final = "https://index.docker.io/v1/"  # where docker keeps its own registry's
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PATIENCE_S: Final = 30
_LARGEST: Final = 1 << 20  # bytes of the file, and of what a helper says
_IDENTITY: Final = "<token>"  # the user whose secret is an identity token


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password, or an identity token that is changed for others; neither is ever shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    identity: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The header's value of the scheme Basic."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class _Entry(msgspec.Struct, frozen=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""


class _File(msgspec.Struct, frozen=True, rename={"helpers": "credHelpers", "store": "credsStore"}):
    auths: dict[str, _Entry] = {}
    helpers: dict[str, str] = {}
    store: str = ""


class _Answer(msgspec.Struct, frozen=True, rename="pascal"):
    username: str
    secret: str


def login_file(environ: Mapping[str, str]) -> Path:
    """The file that counts: `$REGISTRY_AUTH_FILE`, or `config.json` in `$DOCKER_CONFIG` or in `~/.docker`."""
    if named := environ.get("REGISTRY_AUTH_FILE"):
        return Path(named)
    folder = environ.get("DOCKER_CONFIG")
    return (Path(folder) if folder else Path(environ.get("HOME", "/"), ".docker")) / "config.json"


def said_login(environ: Mapping[str, str]) -> Login | None:
    """Who the environment says we are at whatever registry is asked, as in a job of a pipeline; None for nobody."""
    user, password = environ.get("TRIMTAB_REGISTRY_USER", ""), environ.get("TRIMTAB_REGISTRY_PASSWORD", "")
    return Login(user, password) if password else None


def find_login(remote: Remote, path: Path, run: RunHelper) -> Login | None:
    """Who the file says we are at that registry; None for nobody. UserError P238 for a file that is of no use.

    A helper for this registry goes before an entry of it, and that before the helper for all. Of entries, the one
    for the longest part of the repository's path counts.
    """
    known = _read(path)
    hosts = _HUB if remote.host in _HUB else (remote.registry,)
    if helper := next((known.helpers[host] for host in hosts if host in known.helpers), ""):
        return _asked(helper, _HUB_KEY if remote.host in _HUB else remote.registry, path, run)
    for key in _keys(remote, hosts):
        if key in known.auths and (login := _login(known.auths[key], key, path)):
            return login
    return _asked(known.store, _HUB_KEY if remote.host in _HUB else remote.registry, path, run) if known.store else None


def _read(path: Path) -> _File:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return _File()
    except OSError as error:
        raise no_way_in(f"the file of credentials cannot be read: {error.strerror}", str(path)) from None
    try:
        return msgspec.json.decode(data[: _LARGEST + 1], type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # the parser's own words could repeat a password
        raise no_way_in("the file of credentials is malformed", str(path), "log in anew") from None


def _keys(remote: Remote, hosts: Sequence[str]) -> list[str]:
    """What the registry and the repository may be called in the file, the narrowest first."""
    parts = remote.repository.split("/")
    paths = ["/".join([host, *parts[:count]]) for count in range(len(parts), 0, -1) for host in hosts]
    old = [form for host in hosts for form in (f"https://{host}", f"https://{host}/v1/", f"https://{host}/v2/")]
    return [*paths, *hosts, *old]


def _login(entry: _Entry, key: str, path: Path) -> Login | None:
    user, password = entry.username, entry.password
    if entry.auth:
        try:
            user, colon, password = base64.b64decode(entry.auth, validate=True).decode().rstrip("\0").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if not colon:
            raise no_way_in(f"the credentials for `{key}` are malformed", str(path), "log in anew")
    return Login(user, password, entry.identitytoken) if user or entry.identitytoken else None


def _asked(helper: str, server: str, path: Path, run: RunHelper) -> Login | None:
    """What the helper program says; one that knows nothing ends with a status, and that is no fault."""
    if not _HELPER.fullmatch(helper):
        raise no_way_in("the file of credentials names a helper that is no name of a program", str(path))
    program = f"docker-credential-{helper}"
    try:
        status, said = run([program, "get"], server)
        answer = None if status else msgspec.json.decode(said, type=_Answer)
    except FileNotFoundError:
        hint = f"install `{program}`, or log in anew"
        raise no_way_in(f"the program `{program}` is not there", str(path), hint) from None
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError, UnicodeDecodeError):
        raise no_way_in(f"the program `{program}` gave no answer that can be used", str(path)) from None
    if answer is None:
        return None
    if answer.username == _IDENTITY:
        return Login("", "", answer.secret)
    return Login(answer.username, answer.secret)


def run_helper(command: Sequence[str], text: str) -> tuple[int, str]:
    """Run a program for real, bounded in time; what it says on stderr is dropped, it may hold secrets."""
    ran = subprocess.run(
        command,
        input=text.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=_PATIENCE_S,
    )
    return ran.returncode, ran.stdout[:_LARGEST].decode()
