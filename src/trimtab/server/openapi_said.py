"""What the OpenAPI document says of truth and feedback: the schemas allow what is taken, as far as they can say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trimtab.journal.truth import checks
from trimtab.journal.truth.entries import FEEDBACK, MOST, TRUTH, Kind

__all__ = ["SAID", "entry_schema", "said_paths"]

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string", "maxLength": checks.TEXT}
_SCALAR: Final[Schema] = {
    "anyOf": [{"type": "boolean"}, {"type": "number", "description": "integers have 64 bits"}, _TEXT]
}
_TIME: Final[Schema] = {
    "anyOf": [{"type": "string", "minLength": 1}, {"type": "number", "minimum": 0}],
    "description": "since when it is known: ISO 8601 (UTC where no offset is said) or seconds since 1970, at most a day"
    " ahead of the server's clock; when the entry arrives, if it is not said",
}
_KEYS: Final[Mapping[str, Schema]] = {
    "id": {
        "type": "string",
        "minLength": 1,
        "maxLength": checks.ID,
        "pattern": "^[ -~]+$",
        "description": "of an answer (`x-request-id`), or what you called your request",
    },
    "value": _SCALAR,
    "row": {"type": "integer", "minimum": 0, "maximum": checks.ROW, "description": "of the request, 0 if not said"},
    "name": {
        "type": "string",
        "pattern": f"^{checks.NAME.pattern}$",
        "description": "which truth, where there are several of one answer; `truth` if not said",
    },
    "score": {"type": "number", "minimum": 0, "maximum": 1, "description": "0 is bad, 1 is good"},
    "label": _SCALAR,
    "comment": {"type": "string", "maxLength": checks.COMMENT},
    "correction": _SCALAR | {"description": "what the answer should have been"},
    "time": _TIME,
}
_OWN: Final[Mapping[str, str]] = {
    "400": "Entries that are wrong; `faults` names each by its key, as `column`, and its place in the list, as `row`",
    "404": "An id that is of no answer of yours; nothing is kept",
    "415": "A content type or encoding that is not taken",
    "503": "It cannot be kept now",
}
SAID: Final[Mapping[str, tuple[Kind[Any], str]]] = {
    "/v1/truth": (TRUTH, "Say what turned out to be so"),
    "/v1/feedback": (FEEDBACK, "Say what a person thinks of an answer"),
}


def said_paths(errors: Callable[[Mapping[str, str]], Schema]) -> Schema:
    """The paths; errors: the answers to what is refused, from the descriptions of those of a route."""
    return {path: {"post": _post(kind, summary, errors(_OWN))} for path, (kind, summary) in SAID.items()}


def _post(kind: Kind[Any], summary: str, refusals: Schema) -> Schema:
    entry = entry_schema(kind)
    several = {"type": "array", "items": entry, "minItems": 1, "maxItems": MOST}
    example = {"id": "4f0c2a9d17e3abcdefghij23-1c", "row": 0}
    example |= {"value": True} if kind is TRUTH else {"score": 1, "comment": "as it was"}
    kept = {"type": "object", "required": ["kept"], "properties": {"kept": {"type": "integer", "minimum": 1}}}
    return {
        "summary": summary,
        "description": "One entry or a list; all of them are kept, or none. What is sent again counts once.",
        "operationId": kind.stream,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [entry, several]}, "example": example}},
        },
        "responses": {
            "200": {"description": "How many are kept", "content": {"application/json": {"schema": kept}}},
            **refusals,
        },
    }


def entry_schema(kind: Kind[Any]) -> Schema:
    """One entry; keys that need not be there may be null."""
    properties = {
        key: _KEYS[key] if key in kind.needed else {"anyOf": [_KEYS[key], {"type": "null"}]} for key in kind.checks
    }
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(kind.needed),
        "additionalProperties": False,
    }
    if kind.any_of:
        schema["anyOf"] = [
            {"required": [key], "properties": {key: {"not": {"enum": [None, ""]}}}} for key in kind.any_of
        ]
    return schema
