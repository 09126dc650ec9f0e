"""Blinkers for the clean process: what is not the bundle's, not locked, not ours, cannot be imported or opened."""

from __future__ import annotations

import builtins
import errno
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final

from packaging.utils import canonicalize_name

from trimtab.bundle.code.local import Project, is_standard, place_of

__all__ = ["Guard", "Rules", "Seen", "hide_files"]

_ENGINE: Final = ("importlib", __name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is hidden, and what is let through: None lets every installed distribution through.

    tops: top-level modules of the locked distributions; distributions: their canonical names.
    """

    hidden: Project | None = None
    tops: frozenset[str] | None = None
    distributions: frozenset[str] = frozenset()


@dataclass(slots=True)
class Seen:
    """Who asked for which module outside the standard library: (importer, module), and which were held back."""

    asked: set[tuple[str, str]] = field(default_factory=set)
    held: set[str] = field(default_factory=set)


class Guard(MetaPathFinder):
    """Takes the place of all finders of the process and passes on what the rules allow.

    Something hidden is as if it were not installed: not found, rather than an error, so that libraries that try an
    optional import behave as they will in production.
    """

    def __init__(self, rules: Rules) -> None:
        """Nothing happens before `install`."""
        self.rules = rules
        self.seen = Seen()
        self._finders: list[Any] = []

    def install(self) -> None:
        """From now on every import of this process goes through the guard."""
        self._finders = list(sys.meta_path)
        sys.meta_path[:] = [self]
        original = builtins.__import__

        def watched(
            name: str,
            globals: Mapping[str, object] | None = None,  # noqa: A002  # the names that `__import__` has
            locals: Mapping[str, object] | None = None,  # noqa: A002  # the names that `__import__` has
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if level == 0:
                importer = str((globals or {}).get("__name__", ""))
                # compiled modules import without a name, or in the name of the import system that loads them
                self._note(_importer() if not importer or importer.startswith(_ENGINE) else importer, name)
            return original(name, globals, locals, fromlist or (), level)

        builtins.__import__ = watched

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """The module's spec, or None when it does not exist for the bundle."""
        top = fullname.partition(".")[0]
        if path is None:
            self._note(_importer(), top)
        spec = self._first(fullname, path, target)
        if spec is None or path is not None or top == "trimtab":
            return spec
        place = spec.origin or next(iter(spec.submodule_search_locations or ()), None)
        if is_standard(top, place):
            return spec
        hidden = self.rules.hidden is not None and self.rules.hidden.owns(place)
        if hidden or (self.rules.tops is not None and top not in self.rules.tops):
            self.seen.held.add(top)
            return None
        return spec

    def _first(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in self._finders:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if isinstance(spec, ModuleSpec):
                return spec
        return None

    def _note(self, importer: str, name: str) -> None:
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names:
            self.seen.asked.add((importer.partition(".")[0], top))

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterable[Distribution]:
        """Metadata of installed distributions, the locked ones only where there is a lock."""
        context = context or DistributionFinder.Context()
        for finder in self._finders:
            for found in getattr(finder, "find_distributions", lambda _: ())(context):
                if self.rules.tops is None or canonicalize_name(found.name) in self.rules.distributions:
                    yield found

    def invalidate_caches(self) -> None:
        """Pass it on, as the import system expects of every finder."""
        for finder in self._finders:
            getattr(finder, "invalidate_caches", lambda: None)()

    def modules(self) -> dict[str, str]:
        """Loaded modules outside the standard library and trimtab, with their files."""
        found = {name: place_of(module) or "" for name, module in sys.modules.items() if isinstance(module, ModuleType)}
        ours = ("trimtab", "__main__")
        return {
            name: place
            for name, place in sorted(found.items())
            if name.partition(".")[0] not in ours and not is_standard(name, place)
        }


def _importer() -> str:
    """The module whose code asked for an import: the nearest frame that is not the import system's own."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the only way to learn who imports
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if not name.startswith(_ENGINE):
            return name
        frame = frame.f_back
    return ""


def hide_files(hidden: Project) -> None:
    """Make the project's files absent for this process, for good: a path written into code would work here only."""
    prefixes = tuple({f"{entry}{os.sep}" for entry in (hidden.root, *hidden.entries)})

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], (str, bytes)):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))  # noqa: PTH100  # pathlib is slower, and this runs often
        if path.startswith(prefixes) and hidden.owns(Path(path)):
            raise FileNotFoundError(errno.ENOENT, "not in the bundle", path)

    sys.addaudithook(check)
