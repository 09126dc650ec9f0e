"""What of `[server]` goes along with a bundle to where it is served: all but what only this machine can mean."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Final

from trimtab.project.guard_text import guard_lines, own_keys
from trimtab.project.journal import journal_lines
from trimtab.project.keys import KEYS
from trimtab.project.values import ServerPart

__all__ = ["travelling"]

_UNITS: Final = {"size": "B", "duration": "s"}
_KINDS: Final = {key.path.removeprefix("server."): key.kind for key in KEYS if key.path.startswith("server.")}
_STAYS: Final = frozenset(
    {"host", "admin_host", "tls_cert", "tls_key", "guard", "journal"}
)  # addresses and files of this machine


def travelling(server: ServerPart, name: str, folder: Path) -> str:
    """A trimtab.toml with the settings that are not the default, sorted; empty where there are none.

    Its `[model]` names the folder that bundles lie in: nothing is packaged from there. folder: the project's; files of
    it that say who may call are named from the new file's own folder.
    """
    default = ServerPart()
    changed = {
        one.name: getattr(server, one.name)
        for one in fields(server)
        if one.name not in _STAYS and getattr(server, one.name) != getattr(default, one.name)
    }
    said = {key: _toml(key, value) for key, value in changed.items()}
    said |= {key: json.dumps(value) for key, value in own_keys(server.guard, folder).items()}
    tables = [*guard_lines(server.guard, folder), *journal_lines(server.journal, folder)]
    if not said and not tables:
        return ""
    lines = [f"name = {json.dumps(name)}", "", "[model]", 'path = "/models"', "", "[server]"]
    lines += [f"{key} = {value}" for key, value in sorted(said.items())]
    return "\n".join([*lines, *tables]) + "\n"


def _toml(key: str, value: object) -> str:
    unit = _UNITS.get(_KINDS[key])
    if unit is None or not isinstance(value, int | float):
        return json.dumps(value)
    return json.dumps(f"{value:.6f}".rstrip("0").rstrip(".") + unit)
