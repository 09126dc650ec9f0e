"""What of `[server]` goes along with a bundle to where it is served: all but what only this machine can mean."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Final

from trimtab.project.keys import KEYS
from trimtab.project.values import ServerPart

__all__ = ["travelling"]

_UNITS: Final = {"size": "B", "duration": "s"}
_KINDS: Final = {key.path.removeprefix("server."): key.kind for key in KEYS if key.path.startswith("server.")}
_STAYS: Final = frozenset({"host", "tls_cert", "tls_key"})  # an address and files of this machine


def travelling(server: ServerPart, name: str) -> str:
    """A trimtab.toml with the settings that are not the default, sorted; empty where there are none.

    Its `[model]` names the folder that bundles lie in: nothing is packaged from there.
    """
    default = ServerPart()
    changed = {
        one.name: getattr(server, one.name)
        for one in fields(server)
        if one.name not in _STAYS and getattr(server, one.name) != getattr(default, one.name)
    }
    if not changed:
        return ""
    lines = [f"name = {json.dumps(name)}", "", "[model]", 'path = "/models"', "", "[server]"]
    lines += [f"{key} = {_toml(key, value)}" for key, value in sorted(changed.items())]
    return "\n".join(lines) + "\n"


def _toml(key: str, value: object) -> str:
    unit = _UNITS.get(_KINDS[key])
    if unit is None or not isinstance(value, int | float):
        return json.dumps(value)
    return json.dumps(f"{value:.6f}".rstrip("0").rstrip(".") + unit)
