"""The expressions of GitHub Actions and of Azure Pipelines, as far as pipelines of ours use them.

Written from their documentation, not from what renders: an unknown name or function is a fault, not an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Evaluator", "truthy"]

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w-]*)|(?P<mark>\|\||&&|==|!=|[!().,\[\]*]))")


def truthy(value: Any) -> bool:
    return value not in (None, False, "", 0)


def same(one: Any, other: Any) -> bool:
    """Texts compare without regard to case, at both services."""
    fold = (str(value).lower() if isinstance(value, str) else value for value in (one, other))
    return next(fold) == next(fold)


def contains(whole: Any, part: str) -> bool:
    return any(same(one, part) for one in whole) if isinstance(whole, list) else part.lower() in str(whole).lower()


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": contains,
    "startsWith": lambda text, start: str(text).lower().startswith(start.lower()),
    "endsWith": lambda text, end: str(text).lower().endswith(end.lower()),
    "and": lambda *values: all(map(truthy, values)),
    "or": lambda *values: any(map(truthy, values)),
    "not": lambda value: not truthy(value),
    "eq": same,
    "in": lambda value, *others: any(same(value, other) for other in others),
    "coalesce": lambda *values: next((value for value in values if truthy(value)), ""),
}


class Evaluator:
    """One expression over names; `functions` adds those that speak of the run, such as `succeeded`."""

    def __init__(self, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self.names, self.functions = names, {**FUNCTIONS, **functions}
        self.called: set[str] = set()
        self.tokens: list[tuple[str, str]] = []

    def value(self, text: str) -> Any:
        self.tokens, at = [], 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            assert found, f"not understood: {text[at:]}"
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        value = self._either()
        assert not self.tokens, f"left over of {text}: {self.tokens}"
        return value

    def _next_is(self, mark: str) -> bool:
        if self.tokens and self.tokens[0] == ("mark", mark):
            self.tokens.pop(0)
            return True
        return False

    def _either(self) -> Any:
        value = self._both()
        while self._next_is("||"):
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._next_is("&&"):
            other = self._compared()
            value = other if truthy(value) else value
        return value

    def _compared(self) -> Any:
        value = self._one()
        if self._next_is("=="):
            return same(value, self._one())
        if self._next_is("!="):
            return not same(value, self._one())
        return value

    def _one(self) -> Any:
        if self._next_is("!"):
            return not truthy(self._one())
        if self._next_is("("):
            value = self._either()
            assert self._next_is(")")
            return value
        kind, word = self.tokens.pop(0)
        if kind == "text":
            return word[1:-1].replace("''", "'")
        assert kind == "word", word
        if self._next_is("("):
            return self._call(word)
        return self._below(self.names[word])

    def _call(self, word: str) -> Any:
        values = []
        while not self._next_is(")"):
            values.append(self._either())
            self._next_is(",")
        self.called.add(word)
        return self.functions[word](*values)

    def _below(self, value: Any) -> Any:
        while self.tokens and self.tokens[0][1] in (".", "["):
            if self._next_is("["):
                key = self._either()
                assert self._next_is("]")
                value = value.get(key)
                continue
            self._next_is(".")
            if self._next_is("*"):
                value = list(value.values())
                continue
            name = self.tokens.pop(0)[1]
            value = [one.get(name) for one in value] if isinstance(value, list) else (value or {}).get(name)
        return value
