"""Reads what a server runs with where there is no project: the keys of `[server]`, variables and secrets, no others."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.project.faults import Faults
from trimtab.project.guard import check_guard
from trimtab.project.parse import Wrong
from trimtab.project.read import server_of
from trimtab.project.values import ServingFile
from trimtab.project.walk import TREE, Tree, walk

__all__ = ["read_serving", "serving_of"]

_TABLES: Final = ("variables", "secrets")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def read_serving(path: Path, folder: Path) -> ServingFile:
    """What the file says, paths from the folder; UserError with all its faults, P101 and P102 for no such file."""
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(Problem("P101", f"no file `{path.name}`", str(path), "`--settings` names one")) from None
    except UnicodeDecodeError:
        raise UserError(Problem("P102", "the file is not UTF-8 text", str(path))) from None
    except OSError as error:
        raise OutsideError(Problem("P110", f"the file cannot be read: {error.strerror}", str(path))) from None
    return serving_of(text, path.name, folder)


def serving_of(text: str, name: str, folder: Path) -> ServingFile:
    """The same of a text; name: of the file, for messages."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(Problem("P102", f"this is not TOML: {error}", name)) from None
    faults = Faults(name, text)
    known: Tree = {"server": TREE["server"]}
    plain = walk({key: value for key, value in raw.items() if key not in _TABLES}, faults, known)
    tables = {table: _texts(table, raw.get(table, {}), faults) for table in _TABLES}
    for twice in sorted(tables["variables"].keys() & tables["secrets"].keys()):
        faults.add(("secrets", twice), Wrong("P105", f"`{twice}` is a variable already", "say it once"))
    check_guard(plain.get("server", {}), faults)
    faults.raise_any()
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return ServingFile(server_of(plain.get("server", {}), folder), tables["variables"], tables["secrets"], digest)


def _texts(table: str, said: Any, faults: Faults) -> dict[str, str]:
    if not isinstance(said, dict):
        faults.add(
            (table,), Wrong("P104", f"`{table}` is a table of texts", f'for example `[{table}]` and `NAME = "x"`')
        )
        return {}
    for name, value in said.items():
        if not _VARIABLE.fullmatch(name):
            faults.add((table, name), Wrong("P105", f"`{name[:100]}` is no name of a variable"))
        elif not isinstance(value, str):
            faults.add((table, name), Wrong("P104", f"`{name}` is not a text"))
        elif "\0" in value:
            faults.add((table, name), Wrong("P105", f"`{name}` has a null in it"))
    return {name: value for name, value in said.items() if isinstance(value, str)}
