"""A condition that somebody types, such as `in_age > 30 and out_p < 0.1`: one expression about one row, or refused.

DuckDB's own parser says what it is. Anything but a condition changes the statement around it and is seen by that; a
query inside it, and a function that looks elsewhere, waits, or is another one each time, is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.journal.query.duck import Duck, text_of

__all__ = ["Condition", "parse_condition"]

LONGEST: Final = 10_000
_BARE: Final = "SELECT 1 FROM one WHERE\n{}\n"
_INSIDE: Final = "SELECT 1 FROM one WHERE (\n{}\n)"
_PLACE: Final = "--where"
# parts of an expression that speak of the row alone
_PARTS: Final = frozenset({
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",
    "LAMBDA_REF", "OPERATOR", "TYPE",
})  # fmt: skip
_REFUSED: Final = {
    "SUBQUERY": "a query inside it",
    "WINDOW": "a function over several rows",
    "PARAMETER": "a parameter",
    "STAR": "`*`",
}
_ELSEWHERE: Final = (
    "current_", "duckdb_", "get_block", "getvariable", "has_", "in_search_path", "inet_", "pg_", "txid_",
)  # fmt: skip
_OF_NOW: Final = frozenset({"current_date", "current_timestamp"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that may stand in parentheses behind WHERE, and the columns that it reads."""

    text: str
    columns: tuple[str, ...]

    @property
    def sql(self) -> str:
        """In parentheses; a comment at its end ends with its line."""
        return f"({self.text}\n)"


def parse_condition(duck: Duck, text: str, own: Sequence[str] = ()) -> Condition:
    """The condition; UserError P932 for any other text. own: functions of ours that it may use as well."""
    if len(text) > LONGEST or not _is_text(text):
        what = f"it has more than {LONGEST} characters" if len(text) > LONGEST else "it is no text that SQL can have"
        raise _refused(what)
    tree, inside, plain = (_parsed(duck, one) for one in (_BARE.format(text), _INSIDE.format(text), _BARE.format(1)))
    condition, _ = tree.pop("where_clause", None), plain.pop("where_clause", None)
    if condition is None or inside.pop("where_clause", None) != condition or not tree == inside == plain:
        raise _refused("it is more than a condition", "one expression about one row: no ORDER BY, LIMIT or UNION")
    parts = list(_parts(condition))
    odd = [one["class"] for one in parts if one["class"] not in _PARTS]
    if odd:
        raise _refused(f"it has {_REFUSED.get(odd[0], odd[0].lower())}", _PLAIN_HINT)
    _check_functions(duck, {one["function_name"].lower() for one in parts if one["class"] == "FUNCTION"} - set(own))
    return Condition(text, tuple(dict.fromkeys(name for name in _columns(condition) if name.lower() not in _OF_NOW)))


_PLAIN_HINT: Final = "compare columns with values; `open_journal` of the Python API takes any SQL"


def _is_text(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _refused(what: str, hint: str = "") -> UserError:
    return UserError(Problem("P932", f"the condition is refused: {what}", _PLACE, hint))


def _parsed(duck: Duck, statement: str) -> dict[str, Any]:
    """The one statement as DuckDB sees it, without the places of its parts."""
    try:
        found = json.loads(duck.rows(f"SELECT json_serialize_sql({text_of(statement)})")[0][0])
    except (duck.error, RecursionError) as error:
        raise _refused(_first_line(str(error))) from None
    if found["error"]:
        raise _refused(_first_line(found.get("error_message", "it cannot be parsed")))
    if len(found["statements"]) != 1:
        raise _refused("it is more than one statement")
    tree: dict[str, Any] = _without_places(found["statements"][0]["node"])
    return tree


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _without_places(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _without_places(value) for key, value in tree.items() if not key.startswith("query_location")}
    return [_without_places(one) for one in tree] if isinstance(tree, list) else tree


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every part of the expression, from the outside in."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from _parts(value)
    elif isinstance(tree, list):
        for one in tree:
            yield from _parts(one)


def _columns(tree: Any, taken: frozenset[str] = frozenset()) -> Iterator[str]:
    """The columns that it reads; the parameters of a lambda are none."""
    if isinstance(tree, list):
        for one in tree:
            yield from _columns(one, taken)
    elif isinstance(tree, dict):
        if tree.get("class") == "COLUMN_REF":
            name = tree["column_names"][0]
            if name not in taken:
                yield name
        elif tree.get("class") == "LAMBDA":
            yield from _columns(tree["expr"], taken | set(_columns(tree["lhs"])))
        else:
            for value in tree.values():
                yield from _columns(value, taken)


def _check_functions(duck: Duck, names: set[str]) -> None:
    """Raises P932 for the first function that is not about the row."""
    if not names:
        return
    listed = ", ".join(map(text_of, sorted(names)))
    columns = "lower(function_name), function_type, coalesce(stability, '')"
    where = f"lower(function_name) IN ({listed})"
    found = duck.rows(f"SELECT {columns} FROM duckdb_functions() WHERE {where}")  # noqa: S608 - in quotes
    for name in sorted(names):
        kinds = {kind for known, kind, _ in found if known == name}
        steady = all(stability != "VOLATILE" for known, _, stability in found if known == name)
        if not kinds & {"scalar", "macro"}:
            what = f"`{name}` is about several rows" if kinds else f"there is no function `{name}`"
            raise _refused(what, _PLAIN_HINT if kinds else "")
        if not steady or (name.startswith(_ELSEWHERE) and name not in _OF_NOW):
            raise _refused(f"the function `{name}` is not about the row", _PLAIN_HINT)
