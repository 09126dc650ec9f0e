"""Which modules belong to the user's project, and how they are imported while it is packaged."""

from __future__ import annotations

import importlib
import os
import stat
import sys
import sysconfig
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

__all__ = ["Project", "importing", "installed_folders", "is_standard", "loaded_modules", "place_of", "project_of"]

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_STANDARD: Final = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_LOCK: Final = threading.RLock()


def installed_folders(root: Path) -> tuple[Path, ...]:
    """Folders under the root that hold installed code: the running interpreter's, and any virtual environment."""
    prefixes = {Path(prefix).resolve() for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix)}
    found = {prefix for prefix in prefixes if prefix != root and prefix.is_relative_to(root)}
    found |= {marker.parent.resolve() for marker in root.glob("*/pyvenv.cfg")}
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Project:
    """The user's project folder, and the folders in it from which its modules are imported, first one first.

    What a folder is, is looked up once: links between folders are taken to stay as they are while it is packaged.
    """

    root: Path
    entries: tuple[Path, ...]
    installed: tuple[Path, ...] = ()
    _known: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def owns(self, path: str | Path | None) -> bool:
        """Whether a file or folder is the project's own: under an entry, not in an environment or `site-packages`."""
        if path is None:
            return False
        folder, _ = os.path.split(path)  # pathlib is slower, and this runs for every loaded module
        if not folder.startswith(os.sep) or not _is_plain_file(path):
            return self._holds(Path(path))
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._holds(Path(folder))
        return known

    def _holds(self, path: Path) -> bool:
        real = path.resolve()
        named = real if ".." in path.parts else path.absolute()  # a link in the project is the project's
        for place in (named, real):
            if _INSTALLED.intersection(place.parts) or any(place.is_relative_to(folder) for folder in self.installed):
                return False
        return any(place.is_relative_to(entry) for place in (named, real) for entry in (self.root, *self.entries))

    def find(self, name: str) -> ModuleSpec | None:
        """The spec of a top-level module that is the project's own; runs nothing."""
        spec = PathFinder.find_spec(name, [str(entry) for entry in self.entries])
        if spec is not None and spec.origin is not None:
            return spec if self.owns(spec.origin) else None
        other = _installed_spec(name)  # a plain folder gives way to a real module of that name, as in Python
        if other is not None and other.origin is not None:
            # a frozen module's origin is the word "frozen", which is no file of the folder that we happen to be in
            return other if other.has_location and self.owns(other.origin) else None
        return spec if spec is not None and self.owns(next(iter(spec.submodule_search_locations or ()), None)) else None


def _is_plain_file(path: str | Path) -> bool:
    """Whether it is a file by itself: neither a link nor a folder, so that it is where its folder is."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _installed_spec(name: str) -> ModuleSpec | None:
    """What the interpreter itself would import, editable installs included, whatever is loaded already."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, None, None) if find else None
        if isinstance(spec, ModuleSpec):
            return spec
    return None


def project_of(root: Path, more: Collection[Path] = ()) -> Project:
    """The project at a folder: its modules lie at the root, in `src`, or where `sys.path` already points inside it.

    more: further folders of code, such as the one an MLflow model carries; they come first.
    """
    root = root.resolve()
    installed = installed_folders(root)
    bare = Project(root, (), installed)
    places = [*(path.resolve() for path in more), root]
    source = root / "src"
    if source.is_dir() and not (source / "__init__.py").exists():
        places.append(source)
    places += [Path(entry).resolve() for entry in sys.path if entry and Path(entry).is_dir() and bare.owns(entry)]
    return Project(root, tuple(dict.fromkeys(places)), installed)


@contextmanager
def importing(project: Project, keep: Collection[str] = ()) -> Iterator[None]:
    """Import from the project's folders first, from their files as they are now; all is put back on leaving.

    keep: top-level modules that stay as they are loaded, because classes of a model in memory are theirs.
    """
    with _LOCK:
        path, no_bytecode = list(sys.path), sys.dont_write_bytecode
        before = loaded_modules(project, keep)
        _forget(before)
        sys.path[:0] = [str(entry) for entry in project.entries]
        sys.dont_write_bytecode = True  # a file changed within a second would be shadowed by its bytecode
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path[:], sys.dont_write_bytecode = path, no_bytecode
            _forget(loaded_modules(project, keep))
            sys.modules.update(before)
            importlib.invalidate_caches()


def loaded_modules(project: Project, keep: Collection[str] = ()) -> dict[str, ModuleType]:
    """The project's modules that are loaded now, without those to keep, `__main__` and trimtab itself."""
    spared = {"__main__", "trimtab", *keep}
    return {
        name: module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] not in spared and project.owns(place_of(module))
    }


def _forget(modules: Collection[str]) -> None:
    for name in modules:
        sys.modules.pop(name, None)


def is_standard(name: str, file: str | None) -> bool:
    """Whether a module is the standard library's: by its name, or as one of the unnamed files that lie there."""
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    place = Path(file) if file else Path()
    return any(place.is_relative_to(folder) for folder in _STANDARD) and not _INSTALLED.intersection(place.parts)


def place_of(module: ModuleType) -> str | None:
    """The file of a loaded module, or the first folder of a namespace package; None for what has neither."""
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file
    try:
        return next((str(entry) for entry in module.__path__), None)
    except (AttributeError, TypeError):
        return None
