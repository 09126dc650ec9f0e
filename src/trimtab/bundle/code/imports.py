"""What a Python file imports, read from its text; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Import", "exported", "imports_of"]

_DYNAMIC: Final = ("import_module", "__import__")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module by its absolute dotted name, and the names taken from it: attributes or submodules.

    names holds "*" for a star import.
    """

    module: str
    names: tuple[str, ...]
    line: int


def imports_of(tree: ast.Module, module: str, *, package: bool) -> list[Import]:
    """Every import that could run, wherever it stands: in functions, branches and `try` blocks.

    Left out are the branches of `if TYPE_CHECKING`, which never run. `import_module("a.b")` with a literal counts.
    package: whether the file is an `__init__`, which relative imports start from.
    """
    base = module if package else module.rpartition(".")[0]
    found: list[Import] = []
    for node in _running(tree):
        match node:
            case ast.Import():
                found += [Import(alias.name, (), node.lineno) for alias in node.names]
            case ast.ImportFrom():
                source = _absolute(base, node.level, node.module or "")
                if source:
                    found.append(Import(source, tuple(alias.name for alias in node.names), node.lineno))
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if _called(func) in _DYNAMIC:
                if name and not name.startswith("."):
                    found.append(Import(name, (), node.lineno))
            case _:
                pass
    return found


def exported(tree: ast.Module) -> tuple[str, ...]:
    """The names of a literal `__all__`, which a star import takes; empty when there is none."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)):
                return tuple(
                    item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)
                )
            case _:
                pass
    return ()


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _called(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield other
                yield from _running(other)
            continue
        yield child
        yield from _running(child)


def _called(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _absolute(base: str, level: int, module: str) -> str:
    """The dotted name that a relative import means; empty when it climbs out of the package."""
    if level == 0:
        return module
    parts = base.split(".") if base else []
    if level - 1 >= len(parts):
        return ""
    return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])
