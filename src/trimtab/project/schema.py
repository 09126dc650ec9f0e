"""The JSON Schema that editors check trimtab.toml with, made of the table of keys."""

from __future__ import annotations

import json
from typing import Any, Final

from trimtab.project.keys import ANY, Key, KeyKind
from trimtab.project.parse import NAME, REFERENCE
from trimtab.project.parse_env import REQUIRED, SOURCE
from trimtab.project.split import SPLIT
from trimtab.project.units import DURATIONS, SIZES, pattern
from trimtab.project.walk import TREE, Tree
from trimtab.server.guard.principal import SCOPES

__all__ = ["schema", "schema_text"]

_SCOPES: Final = {
    "type": "array",
    "items": {"type": "string", "pattern": f"^({'|'.join(SCOPES)})(:[a-z0-9*?._-]{{1,63}})?$"},
}
_FIXED: Final[dict[KeyKind, dict[str, Any]]] = {
    "name": {"type": "string", "pattern": f"^{NAME.pattern}$"},
    "function": {"type": "string", "pattern": f"^{REFERENCE.pattern}$"},
    "text": {"type": "string", "minLength": 1},
    "source": {"type": "string", "minLength": 1},
    "file": {"type": "string", "minLength": 1},
    "files": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "globs": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "texts": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "scopes": _SCOPES,
    "roles": {"type": "object", "additionalProperties": _SCOPES},
    "policy": {"type": "string", "minLength": 1},
    "destinations": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "boolean": {"type": "boolean"},
    "percents": {
        "type": "array",
        "items": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
        "minItems": 1,
        "uniqueItems": True,
    },
    "bound": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern(DURATIONS)}]},
    "yardstick": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{REFERENCE.pattern}$"}]},
    "split": {"type": "string", "pattern": f"^({SPLIT})$"},
    "pattern": {"type": "string", "pattern": "^[^ ~^:?\\[\\\\-][^ ~^:?\\[\\\\]*$"},
    "secret": {"type": "string", "pattern": f"^{SOURCE}$"},
    "place": {
        "type": "object",
        "properties": {"kind": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]*$"}},
        "required": ["kind"],
        "additionalProperties": {"type": ["string", "number", "boolean", "array"]},
    },
    "required": {
        "type": "array",
        "uniqueItems": True,
        "items": {
            "anyOf": [
                {"enum": list(REQUIRED)},
                {
                    "type": "object",
                    "properties": {
                        "kind": {"enum": list(REQUIRED)},
                        "within": {"type": "string", "pattern": pattern(DURATIONS)},
                        "warn_only": {"type": "boolean"},
                    },
                    "required": ["kind"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    "size": {"type": "string", "pattern": pattern(SIZES)},
    "duration": {"type": "string", "pattern": pattern(DURATIONS)},
    "numbers": {"type": "object", "additionalProperties": {"type": "number"}},
    "shape": {"type": "array", "items": {"type": "integer", "minimum": -1, "not": {"const": 0}}, "minItems": 1},
    "scalars": {
        "type": "array",
        "items": {"type": ["string", "number", "boolean"]},
        "minItems": 1,
        "uniqueItems": True,
    },
}


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of trimtab.toml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trimtab.toml",
        "description": "What trimtab packages and serves",
        **_table_schema(TREE),
    }


def schema_text() -> str:
    """The schema as the file that editors read."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table_schema(tree: Tree) -> dict[str, Any]:
    """The schema of one table."""
    plain: dict[str, Any] = {"type": "object"}
    properties = {name: _node_schema(node) for name, node in tree.items() if name != ANY}
    if properties:
        plain["properties"] = properties
    plain["additionalProperties"] = _node_schema(tree[ANY]) if ANY in tree else False
    required = [name for name, node in tree.items() if _is_required(node)]
    if required:
        plain["required"] = required
    return plain


def _is_required(node: Key | Tree) -> bool:
    """Whether a key must be there, or a table because a key of it must."""
    return node.required if isinstance(node, Key) else any(_is_required(inner) for inner in node.values())


def _node_schema(node: Key | Tree) -> dict[str, Any]:
    """The schema of one key or one table."""
    if not isinstance(node, Key):
        return _table_schema(node)
    plain = {"description": node.doc, **_value_schema(node)}
    if node.default is not None:
        plain["default"] = node.default
    return plain


def _value_schema(key: Key) -> dict[str, Any]:
    """The schema of the values that a key takes."""
    if key.kind == "choice":
        return {"enum": list(key.choices)}
    if key.kind in ("integer", "number"):
        limits = {"minimum": key.low, "maximum": key.high}
        return {"type": key.kind} | {name: value for name, value in limits.items() if value is not None}
    return _FIXED[key.kind]
