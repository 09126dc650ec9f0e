"""JSON and XML of other tools as values: of one meaning only, and without what a parser would go and fetch."""

from __future__ import annotations

import json
from typing import Any, Final
from xml.etree import ElementTree as ET  # what `of_xml` refuses is all that it could be misled by

from trimtab.release.evidence.results.result import ResultError

__all__ = ["of_json", "of_xml", "rows_in", "text_in"]

_NEVER: Final = ("<!doctype", "<!entity")


def of_json(data: bytes) -> dict[str, Any]:
    """The object of a file. ResultError for anything else, and for a key that is there twice."""
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ResultError(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ResultError("it is no JSON object")
    return found


def of_xml(data: bytes) -> ET.Element:
    """The root of a file. ResultError for anything but UTF-8 XML without a document type."""
    try:
        text = data.decode("utf-8-sig")
        if any(one in text.lower() for one in _NEVER):
            raise ResultError("it has a document type or entities, which no results need")
        return ET.fromstring(text)  # noqa: S314  # as above
    except (ET.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise ResultError(f"it is no XML: {error}") from None


def rows_in(plain: dict[str, Any], key: str, what: str) -> list[dict[str, Any]]:
    """The array of objects under a key, which must be there."""
    rows = plain.get(key)
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ResultError(f"{what} has no array `{key}`")
    return rows


def text_in(plain: Any, *path: str) -> str:
    """The text at the end of a path of keys; empty where it is none."""
    for key in path:
        plain = plain.get(key) if isinstance(plain, dict) else None
    return plain if isinstance(plain, str) else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found
