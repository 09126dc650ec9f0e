"""Texts that make a pattern try every way through them: no pattern of the server takes more than its input's length."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from types import ModuleType
from typing import Any

import pytest

import trimtab.core
import trimtab.server

SIZE, SMALL = 100_000, 4_000  # what grows with the square shows in the small one, and would take minutes in the other
ENOUGH_S = {SMALL: 0.004, SIZE: 0.25}  # what takes less is not looked at again
WAYS = ("fullmatch", "match", "search", "findall", "finditer", "split", "sub")
# beginnings that some pattern likes, what is repeated, and ends that it does not like
STARTS = ["", '"', "1;", "a:", "GET /", "http://", "datetime64[ns,", ".000000", "//", "<M8[", "["]
REPEATED = [" ", "a", "0", "-", ",", ";", "/", "\\", '"', "a,", '\\"', '"\\', "\r\n"]
ENDS = ["", "\0"]


def modules_of(package: ModuleType) -> list[ModuleType]:
    """It and everything below it."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [package, *(importlib.import_module(one.name) for one in found)]


MODULES = [module for package in (trimtab.core, trimtab.server) for module in modules_of(package)]
SOURCES = {module.__name__: inspect.getsource(module) for module in MODULES}
PATTERNS = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}


def uses(name: str) -> dict[str, Callable[[Any], object]]:
    """What the module that has the pattern does with it; one that is handed on is tried in every way."""
    module, _, own = name.rpartition(".")
    pattern = PATTERNS[name]
    found = [way for way in WAYS if re.search(rf"\b{own}\.{way}\(", SOURCES[module])]
    found = found or ["fullmatch", "match", "search"]
    nothing = pattern.pattern[:0]
    return {way: partial(pattern.sub, nothing) if way == "sub" else getattr(pattern, way) for way in found}


def test_all_patterns_are_found() -> None:
    """They stand in modules, and none is made where it is used."""
    known = {"server.heads._LINE", "server.chunks._SIZE", "server.dialects.body._TEXT", "core.datetimes._FRAME"}
    assert {f"trimtab.{name}" for name in known} <= set(PATTERNS)
    loose = re.compile(r"\bre\.(?:match|search|fullmatch|sub|split|findall)\(|^[ \t]+.*\bre\.compile\(", re.MULTILINE)
    assert [name for name, source in SOURCES.items() if loose.search(source)] == []


@pytest.mark.parametrize("name", PATTERNS)
def test_redos(name: str) -> None:
    """A text of 100 kB is done in no time, or twice as much of it takes about twice as long, and not four times."""
    text_of = bytes if isinstance(PATTERNS[name].pattern, bytes) else str
    slow = [
        (way, start, piece, end)
        for way, use in uses(name).items()
        for start, piece, end in product(STARTS, REPEATED, ENDS)
        if is_slow(use, lambda count: as_kind(start + piece * (count // len(piece)) + end, text_of))  # noqa: B023
    ]
    assert slow == []


def test_a_pattern_that_tries_every_way_is_seen() -> None:
    """Otherwise the test above shows nothing."""
    assert is_slow(re.compile(r"\s*(.+)]").fullmatch, lambda count: " " * count)
    assert not is_slow(re.compile(r"\s*(\S.*)]").fullmatch, lambda count: " " * count)


def as_kind(text: str, kind: type) -> Any:
    """The text as the pattern reads it."""
    return text.encode() if kind is bytes else text


def is_slow(use: Callable[[Any], object], made: Callable[[int], Any]) -> bool:
    """Whether the time grows faster than the text, in a small one, or else in a large one."""
    return any(seconds(use, made(size)) > enough and _grows(use, made, size) for size, enough in ENOUGH_S.items())


def _grows(use: Callable[[Any], object], made: Callable[[int], Any], size: int) -> bool:
    once, twice = made(size), made(2 * size)
    return min(seconds(use, twice) for _ in range(3)) > 3 * min(seconds(use, once) for _ in range(3))


def seconds(use: Callable[[Any], object], text: Any) -> float:
    """Of this thread's time on a processor."""
    began = time.thread_time()
    use(text)
    return time.thread_time() - began
