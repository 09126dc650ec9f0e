"""Goes through a parsed file beside the table of keys."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from trimtab.core.errors import did_you_mean
from trimtab.project.faults import Faults
from trimtab.project.keys import ANY, KEYS, Key
from trimtab.project.lines import KeyPath, dotted
from trimtab.project.parse import parse
from trimtab.project.wrong import Wrong

__all__ = ["TREE", "Tree", "walk"]

Tree: TypeAlias = dict[str, "Key | Tree"]
OVER: Final = ("server", "flight")  # tables that an environment has as well, with the same keys


def _tree() -> Tree:
    """The keys as nested tables."""
    root: Tree = {}
    for key in KEYS:
        table = root
        for name in key.parts[:-1]:
            inner = table.setdefault(name, {})
            assert isinstance(inner, dict)  # noqa: S101  # the table of keys is ours; mypy needs to know
            table = inner
        table[key.parts[-1]] = key
    environment = root["env"][ANY]  # type: ignore[index]  # a table of tables
    environment |= {name: root[name] for name in OVER}  # type: ignore[operator]
    return root


TREE: Final = _tree()


def walk(raw: Mapping[str, Any], faults: Faults, tree: Tree = TREE) -> dict[str, Any]:
    """What the file says, parsed; faults are added, and what is at fault is left out. tree: the keys it may have."""
    return _table(raw, tree, (), faults)


def _table(raw: Mapping[str, Any], tree: Tree, at: KeyPath, faults: Faults) -> dict[str, Any]:
    """One table of the file."""
    plain: dict[str, Any] = {}
    meant: set[str] = set()
    for name, value in raw.items():
        path = (*at, name)
        known = tree.get(name, tree.get(ANY))
        if known is None:
            faults.add(path, _unknown(name, tree, at))
            meant.update(difflib.get_close_matches(name, tree, n=1))
        elif isinstance(known, Key):
            parsed = parse(known, value)
            if isinstance(parsed, Wrong):
                faults.add(path, parsed)
            else:
                plain[name] = parsed
        elif isinstance(value, Mapping):
            plain[name] = _table(value, known, path, faults)
        else:
            faults.add(
                path, Wrong("P104", f"`{name}` is a table, not one value", f"for example `{_like(path, known)}`")
            )
    for name, known in tree.items():
        if name not in raw and name not in meant:
            _missing(name, known, at, faults)
    return plain


def _like(path: KeyPath, table: Tree) -> str:
    """How the table is written: `[server]`, or one within another with its first key, `errors = { at_most = 0.01 }`."""
    first = next(((name, key) for name, key in table.items() if isinstance(key, Key) and name != ANY), None)
    if first is None or len(path) == 1:
        return f"[{dotted(path)}]"
    return f"{path[-1]} = {{ {first[0]} = {first[1].example} }}"


def _missing(name: str, known: Key | Tree, at: KeyPath, faults: Faults) -> None:
    """P107 for every required key of a table that is not there."""
    if isinstance(known, Key):
        if known.required:
            table = f" in `[{dotted(at)}]`" if at else ""
            faults.add((*at, name), Wrong("P107", f"`{name}` is missing{table}", f"add `{name} = {known.example}`"))
        return
    if name != ANY:
        for inner, key in known.items():
            _missing(inner, key, (*at, name), faults)


def _unknown(name: str, tree: Tree, at: KeyPath) -> Wrong:
    """P103 with the nearest key of this table, or the table that a key of this name belongs in."""
    here = f" in `[{dotted(at)}]`" if at else ""
    hint = did_you_mean(name, tree)
    homes = [key.parts[:-1] for key in KEYS if key.parts[-1] == name]
    if homes and "did you mean" not in hint:
        home = ".".join(homes[0])
        hint = f"`{name}` belongs in `[{home}]`" if home else f"`{name}` belongs at the top, before any table"
    return Wrong("P103", f"no key `{name}`{here}", hint)
