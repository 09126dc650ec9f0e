"""What runs at a place: what its server says, held against what was applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from trimtab.bundle.store import Store
from trimtab.core.deployment import Deployment
from trimtab.core.errors import TrimtabError
from trimtab.targets.local.files import SETTINGS, digest_of
from trimtab.targets.local.place import Place
from trimtab.targets.local.seat import Hello, SilentError
from trimtab.targets.target import Revision, State, Status

__all__ = ["status_of"]

_WAIT_S: Final = 5.0
_STATES: Final[Mapping[str, State]] = {"loading": "starting", "ready": "ready"}


def status_of(place: Place, name: str, store: Store, alias: str, files: Mapping[str, str]) -> Status:
    """files: what was rendered for what was last applied; alias: that it is served by."""
    live, begun = place.live, place.wanted
    try:
        hello = place.seat.hello(_WAIT_S)
        silent = False
    except SilentError:
        hello, silent = None, True
    if live is None and begun is None and hello is None and not silent:
        return Status()
    said = live or begun
    revisions = tuple(_running(hello, name, live)) if hello is not None else _none(said, silent=silent)
    differs = [] if begun is None else ["an apply was broken off before its end"]
    if live is not None:
        differs += _drift(place, live, hello, files, _pointed(store, name, alias))
        if hello is None:
            differs.append("the server is still starting" if silent else "no server runs")
    address = "" if said is None else _address(said)
    return Status(live, revisions, tuple(differs), address, "" if said is None else _control(said))


def _none(said: Deployment | None, *, silent: bool) -> tuple[Revision, ...]:
    if said is None:
        return ()
    state: State = "starting" if silent else "stopped"
    return (Revision(said.bundle, state, why="it still loads" if silent else "no server runs"),)


def _running(hello: Hello, name: str, live: Deployment | None) -> Iterator[Revision]:
    """The champion, and the challenger: in flight, or in the store until a flight begins."""
    flight: Mapping[str, Any] = hello.flights.get(name, {})
    share = float(flight.get("traffic", {}).get("share", 0.0))
    if name in hello.models:
        why = hello.unfit.get(name, "")
        yield Revision(hello.models[name], "failed" if why else "ready", 1.0 - share, why=why)
    if flight:
        state = _STATES.get(flight.get("state", ""), "failed")
        yield Revision(flight.get("challenger", ""), state, share, why=flight.get("why", ""))
    elif live is not None and live.challenger and hello.models.get(name) != live.challenger:
        yield Revision(live.challenger, "ready", 0.0)


def _drift(
    place: Place, live: Deployment, hello: Hello | None, files: Mapping[str, str], pointed: str
) -> Iterator[str]:
    for name, text in files.items():
        if place.read(name) != text:
            yield f"`{place.folder / name}` was changed"
    if pointed != live.bundle:
        yield f"`{live.name}` of the store means {_short(pointed)} there, not {_short(live.bundle)}"
    if hello is None:
        return
    answers = hello.models.get(live.name, "")
    if answers != live.bundle:
        yield f"{_short(answers)} answers, not {_short(live.bundle)}"
    if hello.settings != digest_of(files[SETTINGS]):
        yield "the server was started with other settings"
    yield from (f"`{name}` cannot answer: {why}" for name, why in hello.unfit.items())


def _short(digest: str) -> str:
    return f"`{digest[:15]}`" if digest else "nothing"


def _pointed(store: Store, name: str, alias: str) -> str:
    try:
        return store.pointed(name, alias)
    except TrimtabError:
        return ""


def _address(said: Deployment) -> str:
    return _url("https" if said.server.get("tls_cert") else "http", said.host, said.port)


def _control(said: Deployment) -> str:
    port = said.server.get("admin")
    host = str(said.server.get("admin_host", "127.0.0.1"))
    return _url("https" if said.server.get("tls_cert") else "http", host, int(port)) if port else ""


def _url(scheme: str, host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - where it is reached
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"
