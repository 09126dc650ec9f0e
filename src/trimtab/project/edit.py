"""Changes keys of `[server]` in the text of a trimtab.toml; comments, order and everything else stay as they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from trimtab.core.errors import Problem, UserError
from trimtab.project.lines import lines_of

__all__ = ["server_lines", "with_server"]


def server_lines(keys: Mapping[str, Any]) -> list[str]:
    """The keys as lines of the table."""
    return [f"{name} = {json.dumps(value)}" for name, value in keys.items()]


def with_server(text: str, keys: Mapping[str, Any]) -> str:
    """The text with these keys in `[server]`; raises UserError (P125) for a file that is written in another way."""
    found = lines_of(text)
    lines = text.splitlines()
    new = []
    for name, line in zip(keys, server_lines(keys), strict=True):
        at = found.get(("server", name))
        if at is None:
            new.append(line)
        else:
            lines[at - 1] = _replaced(lines[at - 1], name, line.partition(" = ")[2])
    if new and ("server",) in found:
        last = max(at for path, at in found.items() if path[0] == "server")
        lines[last:last] = new
    elif new:
        lines += ["", "[server]", *new]
    changed = "\n".join(lines) + "\n"
    wanted = tomllib.loads(text)
    wanted["server"] = {**wanted.get("server", {}), **keys}
    try:
        if tomllib.loads(changed) == wanted:
            return changed
    except tomllib.TOMLDecodeError:
        pass
    hint = "put there: " + "; ".join(server_lines(keys))
    where = f"trimtab.toml:{found.get(('server',), 1)} server"
    raise UserError(Problem("P125", "`[server]` is written in a way that cannot be changed line by line", where, hint))


def _replaced(line: str, name: str, value: str) -> str:
    """The line with another value, its comment kept."""
    parts = re.fullmatch(rf'(.*\b{name}"?\s*=\s*)("[^"]*"|\'[^\']*\'|[^\s#,}}]+)(\s*(?:#.*)?)', line)
    return line if parts is None else f"{parts[1]}{value}{parts[3]}"
