"""A new trimtab.toml as text, with comments that say what may be edited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from trimtab.project.keys import KEYS

__all__ = ["project_text"]

_DOCS: Final = {key.path: key.doc for key in KEYS}
_ABOUT_COLUMNS: Final = (
    "# What the sample shows of each column. Edit it where the sample does not tell the whole truth:",
    "# `nullable = true`, the range `low` to `high`, the closed set `categories`.",
)


def project_text(name: str, model: Mapping[str, Any], inputs: Iterable[Mapping[str, Any]] = ()) -> str:
    """The file for a model (keys of `[model]`) and the inputs that its sample shows (`field_to_plain` of each)."""
    lines = [f"name = {_toml(name)}", "", "[model]"]
    given = [key for key in ("path", "prepare", "golden", "flavour", "method") if model.get(key)]
    lines += [f"{key} = {_toml(model[key])}  # {_DOCS[f'model.{key}']}" for key in given]
    if not model.get("prepare"):
        lines.append(f'# prepare = "prepare:clean"  # {_DOCS["model.prepare"]}')
    if not model.get("golden"):
        lines.append(f'# golden = "sample.parquet"  # {_DOCS["model.golden"]}')
    columns = [f"{_key(field['name'])} = {_inline(field)}" for field in inputs]
    if columns:
        lines += ["", *_ABOUT_COLUMNS, "[signature.inputs]", *columns]
    lines += ["", "# [server]", "# port = 8080", '# timeout = "30s"', '# body = "64MiB"']
    return "\n".join(lines) + "\n"


def _inline(field: Mapping[str, Any]) -> str:
    """What is known of a column, on one line."""
    return f"{{ {', '.join(f'{key} = {_toml(value)}' for key, value in field.items() if key != 'name')} }}"


def _key(name: str) -> str:
    """A name as a TOML key, quoted where it must be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: object) -> str:
    """A value as TOML; a JSON text is a TOML text but for the one control character that JSON leaves as it is."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
