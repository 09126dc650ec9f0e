"""Local modules of several bundles in one process: each bundle sees its own `prepare`, and no one else does.

While a thread is inside a bundle, the bundle's modules are in `sys.modules` and a finder for its folder is in
`sys.meta_path`; when the last thread leaves, both are as they were found. Threads of one bundle are inside together,
threads of another wait their turn. `sys.path` is never touched and no byte code is ever written or read.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from itertools import takewhile
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final, Self

__all__ = ["LocalModules"]

_SUFFIXES: Final = (".py", *EXTENSION_SUFFIXES)


class _Loader(SourceFileLoader):
    """Source only: a cached byte code file could differ from the verified source."""

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """No modification time is known, so that neither a cache is looked for nor one written."""
        raise OSError(path)


class _Finder:
    """Finds the modules that lie in one folder, and notes that it was asked for one."""

    def __init__(self, folder: Path, tops: frozenset[str]) -> None:
        self._root = str(folder)
        self._folders: dict[str, FileFinder] = {}
        self._tops = tops
        self.used = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The local module of that name; None for a name that is not this folder's."""
        if fullname.partition(".")[0] not in self._tops:
            return None
        self.used = True
        for entry in [self._root] if path is None else path:
            spec = self._in(entry).find_spec(fullname, target)
            if spec is not None:
                return spec
        return None

    def _in(self, folder: str) -> FileFinder:
        finder = self._folders.get(folder)
        if finder is None:
            finder = FileFinder(folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_Loader, [".py"]))
            self._folders[folder] = finder
        return finder


def _names(folder: Path) -> frozenset[str]:
    """Names that can be imported from the folder."""
    names = set()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            if path.name.isidentifier() and any(any(path.glob(deep)) for deep in ("*.py", "*/*.py", "*/*/*.py")):
                names.add(path.name)
        else:
            suffix = next((suffix for suffix in _SUFFIXES if path.name.endswith(suffix)), None)
            if suffix is not None:
                names.add(path.name.removesuffix(suffix))
    return frozenset(names)


class _Turns:
    """Whose turn it is: which bundle is in `sys.modules`, how often threads are inside it, and who waits, in order."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.Lock())
        self.active: LocalModules | None = None
        self.inside = 0
        self.queue: deque[tuple[int, LocalModules]] = deque()
        self.stacks: dict[int, list[LocalModules]] = {}  # by thread: the bundles it has entered, innermost last
        self.sole: LocalModules | None = None  # the bundle that this process keeps for good

    def join(self, modules: LocalModules) -> None:
        """Wait for the turn of `modules`; whoever waits for another bundle is never overtaken."""
        if self.sole is not None and self.sole is not modules:
            msg = f"this process serves the code of `{self.sole.code_dir}` alone"
            raise RuntimeError(msg)
        if self.queue or self.active not in (None, modules):
            ticket = (threading.get_ident(), modules)
            self.queue.append(ticket)
            self.changed.wait_for(lambda: self._may_join(ticket))
            self.queue.remove(ticket)
            self.changed.notify_all()
        if self.active is None:
            modules._swap_in()  # noqa: SLF001 - the two classes are one mechanism
            self.active = modules
        self.inside += 1

    def _may_join(self, ticket: tuple[int, LocalModules]) -> bool:
        if self.active not in (None, ticket[1]):
            return False
        ahead = takewhile(lambda other: other is not ticket, self.queue)
        return all(other[1] is ticket[1] for other in ahead)

    def leave(self) -> None:
        """The last thread that leaves puts everything back as it was found."""
        self.inside -= 1
        if self.inside == 0 and self.active is not None:
            self.active._swap_out()  # noqa: SLF001 - the two classes are one mechanism
            self.active = None
            self.changed.notify_all()


_TURNS: Final = _Turns()  # one a process, as is `sys.modules`


class LocalModules:
    """A context in which imports find the modules below `code_dir` first, each loaded once for this object.

    Re-entrant, and open to any number of threads. While it is open, its modules hide installed ones of the same name
    from the whole process (`shadowed` names them); modules of the standard library are never hidden (`reserved`).
    """

    def __init__(self, code_dir: Path) -> None:
        """Lists the folder once; later changes of it are not seen."""
        self.code_dir = code_dir.resolve()
        names = _names(self.code_dir)
        self.reserved = tuple(sorted(names & sys.stdlib_module_names))
        self._tops = names - sys.stdlib_module_names
        self._finder = _Finder(self.code_dir, self._tops)
        self._own: dict[str, ModuleType] = {}
        self._outside: dict[str, ModuleType] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Top-level names found in the folder, without the reserved ones."""
        return tuple(sorted(self._tops))

    def shadowed(self) -> tuple[str, ...]:
        """Top-level names that are also installed: inside the bundle the local ones win."""
        return tuple(name for name in self.names if self._is_outside(PathFinder.find_spec(name)))

    def _is_outside(self, spec: ModuleSpec | None) -> bool:
        if spec is None:
            return False
        places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
        return any(not Path(place).is_relative_to(self.code_dir) for place in places)

    def stay(self) -> None:
        """Enter for good, for every thread: for a process that serves one bundle. Any other is refused from then on."""
        with _TURNS.changed:
            _TURNS.join(self)
            _TURNS.sole = self

    def __enter__(self) -> Self:
        """Waits while threads are inside another bundle; a thread inside another one steps out of it meanwhile."""
        me = threading.get_ident()
        with _TURNS.changed:
            stack = _TURNS.stacks.get(me)
            if stack is None:
                _TURNS.join(self)
                _TURNS.stacks[me] = [self]
                return self
            if stack[-1] is not self:
                _TURNS.leave()
                _TURNS.join(self)
            stack.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Back to the bundle that this thread was inside before, or to none."""
        me = threading.get_ident()
        with _TURNS.changed:
            stack = _TURNS.stacks[me]
            stack.pop()
            if not stack:
                del _TURNS.stacks[me]
                _TURNS.leave()
            elif stack[-1] is not self:
                _TURNS.leave()
                _TURNS.join(stack[-1])

    def _swap_in(self) -> None:
        if not self._tops.isdisjoint(sys.modules):
            self._outside = self._family()
            for name in self._outside:
                del sys.modules[name]
        sys.modules.update(self._own)
        sys.meta_path.insert(0, self._finder)

    def _swap_out(self) -> None:
        sys.meta_path.remove(self._finder)
        if self._finder.used:
            self._own = self._family()
            self._finder.used = False
        for name in self._own:
            sys.modules.pop(name, None)
        if self._outside:
            sys.modules.update(self._outside)
            self._outside = {}

    def _family(self) -> dict[str, ModuleType]:
        """Modules now in `sys.modules` whose top-level name is one of this folder's."""
        return {name: module for name, module in sys.modules.copy().items() if name.partition(".")[0] in self._tops}
