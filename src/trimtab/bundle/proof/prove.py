"""A bundle is proved by a process that has nothing else: it loads the bundle and replays its golden rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.code.local import Project
from trimtab.bundle.proof.bounds import stopped_at
from trimtab.bundle.proof.limits import Limits
from trimtab.bundle.proof.running import run
from trimtab.bundle.read import Form
from trimtab.core.ownfolder import OwnFolder

__all__ = ["Allowed", "Failure", "Mismatch", "Proof", "request_of", "run_clean", "run_proof"]

LIMIT_S: Final = 300.0
_START: Final = (
    "import sys; sys.path.append(sys.argv[1]); from trimtab.bundle.proof.network import cut_off; cut = cut_off(); "
    "from trimtab.bundle.proof.bounds import die_with; die_with(int(sys.argv[2])); "
    "from trimtab.bundle.proof.limits import confine; confine(sys.argv[-1]); from {} import main; main(cut=cut)"
)
_TAIL: Final = 4000  # characters of what it said that are shown


@dataclass(frozen=True, slots=True)
class Allowed:
    """The installed code that a proof may use: top-level modules, and the distributions that own them."""

    tops: frozenset[str]
    distributions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in the clean process; stage is "open", "load", "replay", "alone" or "process".

    module is the one that was not found, path the file; frames are places in the bundle's own code, innermost last.
    problems are those of an error of ours, as (code, what, where, hint). offline: for want of a network.
    """

    stage: str
    type: str
    message: str
    module: str = ""
    path: str = ""
    frames: tuple[str, ...] = ()
    trace: str = ""
    problems: tuple[tuple[str, str, str, str], ...] = ()
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first golden answer that came out otherwise; alone: it was right among its neighbours, not by itself."""

    column: str
    row: int
    expected: str
    got: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What the clean process did: rows replayed, largest difference, seconds to load, and what it imported.

    asked: (importer, module) pairs of top-level names. held: names kept out. modules: loaded ones with their files.
    network: (what, place) of each time that something asked the network; the place is empty if it was not the bundle's
    own code. cut: whether the kernel took the network away too, and not only Python's own audit events. more: what the
    process said of anything else that it was asked.
    """

    rows: int = 0
    worst: float = 0.0
    load_s: float = 0.0
    asked: tuple[tuple[str, str], ...] = ()
    held: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    mismatch: Mismatch | None = None
    network: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the bundle loaded, answered every golden row as recorded, and did not ask the network."""
        return self.failure is None and self.mismatch is None and not any(place for _, place in self.network)


def run_proof(
    folder: Path,
    hidden: Project | None,
    allowed: Allowed | None = None,
    *,
    form: Form = "original",
    limit_s: float = LIMIT_S,
    limits: Limits | None = None,
) -> Proof:
    """Load a complete bundle folder and replay its golden rows in a clean process.

    The process sees the standard library, trimtab, the bundle, and installed distributions: all but those of the
    hidden project, or the allowed ones only. It has an empty working folder, no stdin, no environment of the user, no
    network. limits: for a bundle that came from elsewhere.
    Nothing is raised for what the bundle does wrong: the proof says it.
    """
    proof, _ = run_clean(
        "trimtab.bundle.proof.child", request_of(folder, hidden, allowed, form), limit_s, limits=limits
    )
    return proof


def request_of(
    folder: Path, hidden: Project | None, allowed: Allowed | None, form: Form, *, seen: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """What a clean process is asked to do; seen: folders of the hidden project that are there for it all the same."""
    return {
        "folder": str(folder.resolve()),
        "form": form,
        "hidden": _plain(hidden, seen),
        "tops": sorted(allowed.tops) if allowed else None,
        "distributions": sorted(allowed.distributions) if allowed else [],
    }


def run_clean(
    module: str, request: Mapping[str, Any], limit_s: float = LIMIT_S, *, limits: Limits | None = None
) -> tuple[Proof, Mapping[str, Any]]:
    """The proof of a clean process that runs the module's `main`, and all that it said.

    limits: go before limit_s; a proof that went over one failed with the type `LimitReached`.
    """
    if limits is not None:
        limit_s = limits.wall_s
    asked = json.dumps({**request, "limit_s": limit_s, "limits": asdict(limits) if limits else None})
    home = OwnFolder("trimtab-proof-")
    try:
        ran = run(home.path, [_START.format(module), asked], limit_s, limits)
    finally:
        home.remove()
    if ran.over:
        said = stopped_at(ran.err, Path(request["folder"]) / "code")
        return Proof(failure=Failure("process", "LimitReached", ran.over, frames=said.frames)), {}
    try:
        answer: Mapping[str, Any] = json.loads(ran.out)
        return _proof(answer), answer
    except ValueError:
        stop = stopped_at(ran.err, Path(request["folder"]) / "code")
        late_s = limit_s if ran.status is None else stop.limit_s
        what = f"it ended with status {ran.status}" if late_s is None else f"it took longer than {late_s:g} s"
        return Proof(failure=Failure("process", "ProcessEnd", what, frames=stop.frames, trace=stop.said[-_TAIL:])), {}


def _plain(project: Project | None, seen: tuple[Path, ...]) -> dict[str, Any] | None:
    if project is None:
        return None
    installed = (*project.installed, *(folder.resolve() for folder in seen))
    listed: Mapping[str, Iterable[Path]] = {"entries": project.entries, "installed": installed}
    return {"root": str(project.root)} | {key: list(map(str, paths)) for key, paths in listed.items()}


def _proof(said: Mapping[str, Any]) -> Proof:
    failed, mismatch = said.get("failure"), said.get("mismatch")
    return Proof(
        rows=said.get("rows", 0),
        worst=said.get("worst", 0.0),
        load_s=said.get("load_s", 0.0),
        asked=tuple((importer, module) for importer, module in said["asked"]),
        held=tuple(said["held"]),
        modules=said["modules"],
        failure=_failure(said["stage"], failed) if failed else None,
        mismatch=Mismatch(**mismatch) if mismatch else None,
        network=tuple((what, place) for what, place in said.get("network", ())),
        cut=said.get("cut", False),
    )


def _failure(stage: str, said: Mapping[str, Any]) -> Failure:
    problems = tuple((code, what, where, hint) for code, what, where, hint in said["problems"])
    lost = said["path"] or "" if said["missing"] else ""
    return Failure(
        stage,
        said["type"],
        said["message"],
        module=(said["module"] or "") if said["type"] == "ModuleNotFoundError" else "",
        path=lost,
        frames=tuple(said["frames"]),
        trace="".join(said["trace"]),
        problems=problems if said["ours"] else (),
        offline=said.get("offline", False),
    )
