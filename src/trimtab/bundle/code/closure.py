"""The user's own modules that a prediction needs: followed from import to import, copied byte for byte."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Final

from trimtab.bundle.code.imports import Import, exported, imports_of
from trimtab.bundle.code.local import Project
from trimtab.core.errors import Problem, UserError

__all__ = ["Closure", "find_closure"]

_COMPILED: Final = (".so", ".pyd", ".pyc")
_NEVER_LOCAL: Final = frozenset({"trimtab", "__main__", *sys.builtin_module_names})


@dataclass(frozen=True, slots=True)
class Closure:
    """Local modules by dotted name, their files by the place under `code/`, and what else they import.

    external: top-level names that are not the project's own, with the place of the first import.
    """

    modules: tuple[str, ...]
    files: Mapping[str, Path]
    external: Mapping[str, str]


@dataclass(slots=True)
class _Walk:
    project: Project
    specs: dict[str, ModuleSpec | None] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    external: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)

    def visit(self, name: str) -> ModuleSpec | None:
        """The spec of a local module, its parents visited before it; None when it is not the project's own."""
        if name in self.specs:
            return self.specs[name]
        parent, _, _ = name.rpartition(".")
        if parent:
            above = self.visit(parent)
            places = above.submodule_search_locations if above else None
            spec = PathFinder.find_spec(name, list(places)) if places else None
        else:
            spec = None if name in _NEVER_LOCAL else self.project.find(name)
        self.specs[name] = spec
        if spec is not None:
            self._take(name, spec)
        return spec

    def _take(self, name: str, spec: ModuleSpec) -> None:
        if spec.origin is None:
            return  # a folder without `__init__.py` has no file of its own
        origin = Path(spec.origin)
        if "." not in name and name in sys.stdlib_module_names:
            self.problems.append(
                Problem(
                    "P240",
                    f"`{origin.name}` hides the standard library's `{name}`",
                    str(origin),
                    f"give the file another name, such as `my_{name}.py`, and import it by that",
                )
            )
        elif origin.name.endswith(_COMPILED):
            self.problems.append(
                Problem(
                    "P253",
                    f"`{name}` is a compiled module of the project; only `.py` files are packaged",
                    str(origin),
                    "build it as a wheel and install that",
                )
            )
        else:
            base = name.replace(".", "/")
            self.files[f"{base}/__init__.py" if spec.submodule_search_locations is not None else f"{base}.py"] = origin
            self.todo.append(name)

    def follow(self, name: str) -> None:
        """Visit what one local module imports."""
        spec = self.specs[name]
        if spec is None or spec.origin is None:
            return
        tree = self._parse(Path(spec.origin))
        if tree is None:
            return
        for item in imports_of(tree, name, package=spec.submodule_search_locations is not None):
            found = self.visit(item.module)
            if found is None:
                self._outside(item, spec.origin)
                continue
            for attribute in self._taken(item, found):
                self.visit(f"{item.module}.{attribute}")

    def _taken(self, item: Import, spec: ModuleSpec) -> tuple[str, ...]:
        if item.names != ("*",) or spec.origin is None:
            return item.names
        tree = self._parse(Path(spec.origin))
        return exported(tree) if tree else ()

    def _outside(self, item: Import, origin: str) -> None:
        top = item.module.partition(".")[0]
        if self.specs.get(top) is None:
            self.external.setdefault(top, f"{origin}:{item.line}")

    def _parse(self, path: Path) -> ast.Module | None:
        try:
            return ast.parse(path.read_bytes(), str(path))
        except SyntaxError as error:
            problem = Problem("P251", f"{error.msg} in `{path.name}`", f"{path}:{error.lineno}")
        except (OSError, ValueError) as error:
            problem = Problem("P251", f"`{path.name}` cannot be read: {error}", str(path))
        if problem not in self.problems:
            self.problems.append(problem)
        return None


def find_closure(start: Iterable[str], project: Project) -> Closure:
    """Follow imports from the named modules to every file of the project that they can reach.

    Names that are not the project's own are left out; installed distributions are the lock's business.
    Raises UserError with all faults: P251 syntax, P240 a name of the standard library, P253 a compiled module.
    """
    importlib.invalidate_caches()
    walk = _Walk(project)
    for name in sorted(set(start)):
        if walk.visit(name) is None:
            walk.external.setdefault(name.partition(".")[0], "")
    while walk.todo:
        walk.follow(walk.todo.pop())
    if walk.problems:
        raise UserError(*sorted(walk.problems, key=lambda problem: (problem.where, problem.code)))
    modules = tuple(sorted(name for name, spec in walk.specs.items() if spec is not None))
    return Closure(modules, dict(sorted(walk.files.items())), dict(sorted(walk.external.items())))
