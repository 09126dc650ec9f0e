"""Which installed distributions stand behind imported modules, and what those need in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

__all__ = ["Distribution", "Installed", "Owners", "closure_of", "installed", "own_requirements"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution: its canonical name, version, requirements as written, and its folder if editable."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    editable: str = ""


class Installed(Protocol):
    """Looks up an installed distribution by canonical name; None when it is not installed."""

    def __call__(self, name: str) -> Distribution | None:
        """The distribution, or None."""


def installed(name: str) -> Distribution | None:
    """The distribution of that name in the running environment."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    requires = tuple(found.requires or ())
    return Distribution(canonicalize_name(found.metadata["Name"]), found.version, requires, _editable(found))


def _editable(found: metadata.Distribution) -> str:
    text = found.read_text("direct_url.json")
    direct = json.loads(text) if text else {}
    return str(direct.get("url", "")).removeprefix("file://") if direct.get("dir_info", {}).get("editable") else ""


class Owners:
    """Maps a module to the distributions that installed it; a shared top-level name is decided by the module's file."""

    def __init__(self) -> None:
        """Read the environment's metadata once."""
        self._by_top = {
            top: tuple(dict.fromkeys(map(canonicalize_name, names)))
            for top, names in metadata.packages_distributions().items()
        }
        self._files: dict[str, frozenset[Path]] = {}

    def of(self, module: str, file: str = "") -> tuple[str, ...]:
        """Canonical names, empty for a module that no distribution installed; several when the file cannot tell."""
        names = self._by_top.get(module.partition(".")[0], ())
        if len(names) < 2 or not file:  # noqa: PLR2004  # two owners are the first case that needs the file
            return names
        exact = tuple(name for name in names if Path(file) in self._installed_files(name))
        return exact or names

    def tops_of(self, names: Iterable[str]) -> frozenset[str]:
        """Every top-level module that the named distributions install, stated or not."""
        wanted = set(names)
        stated = {top for top, owners in self._by_top.items() if wanted.intersection(owners)}
        return frozenset(stated.union(*(self._first_parts(name) for name in wanted)))

    def _first_parts(self, name: str) -> set[str]:
        try:
            files = metadata.distribution(name).files or ()
        except metadata.PackageNotFoundError:
            return set()
        return {file.parts[0].partition(".")[0] for file in files if file.parts[0] != ".."}

    def _installed_files(self, name: str) -> frozenset[Path]:
        if name not in self._files:
            found = metadata.distribution(name)
            self._files[name] = frozenset(Path(str(found.locate_file(file))) for file in found.files or ())
        return self._files[name]


def closure_of(names: Iterable[str], find: Callable[[str], Distribution | None]) -> dict[str, Distribution]:
    """The named distributions and all that they require here, by name, sorted; trimtab itself is never among them.

    Markers are evaluated for this environment and extras are followed. A requirement that is not installed is left
    out: what was proved here did without it.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(canonicalize_name(name), "") for name in names]
    while todo:
        name, extra = todo.pop()
        distribution = None if name == "trimtab" or (name, extra) in seen else find(name)
        if distribution is None:
            continue
        seen.add((name, extra))
        found[name] = distribution
        for requirement in map(_parse, distribution.requires):
            if requirement is None or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
                continue
            child = canonicalize_name(requirement.name)
            todo += [(child, ""), *((child, wanted) for wanted in requirement.extras)]
    return dict(sorted(found.items()))


def _parse(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:  # metadata of old releases; pip ignores it as well
        return None


def own_requirements(find: Callable[[str], Distribution | None]) -> Mapping[str, Distribution]:
    """What trimtab needs for itself in every serving environment, with its requirements."""
    own = find("trimtab")
    direct = [_parse(text) for text in own.requires] if own else []
    plain = [item.name for item in direct if item and (not item.marker or item.marker.evaluate({"extra": ""}))]
    return closure_of(plain, find)
