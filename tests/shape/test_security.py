"""Every abuse that the page on security names has its test, and every file of attacks is named there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)` `(test_\w+)`")
LEAST = 25


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """The text of the page."""
    return (root / "docs/security.md").read_text()


@pytest.fixture(scope="module")
def rows(page: str) -> list[tuple[str, str, str, str]]:
    """Id, abuse, what is done, test."""
    return ROW.findall(page)


def functions(path: Path) -> set[str]:
    """The tests in a file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_are_enough_abuses_each_with_its_own_id(page: str, rows: list[tuple[str, str, str, str]]) -> None:
    assert len(rows) >= LEAST
    assert f"and {len(rows)} abuses" in page
    assert [name for name, times in Counter(row[0] for row in rows).items() if times > 1] == []
    assert len(rows) == len(re.findall(r"^\| [A-Z]\d+ \|", page, re.MULTILINE)), "a row without four cells"


def test_every_named_test_is_there(root: Path, rows: list[tuple[str, str, str, str]]) -> None:
    named = [(row[0], *found) for row in rows for found in TEST.findall(row[3])]
    assert len(named) > LEAST
    gone = [
        (row, path, name)
        for row, path, name in named
        if not (root / path).exists() or name not in functions(root / path)
    ]
    assert gone == []


def test_every_abuse_has_a_test(rows: list[tuple[str, str, str, str]]) -> None:
    assert [row[:2] for row in rows if not TEST.fullmatch(row[3].strip())] == []


def test_every_attack_is_on_the_page(root: Path, page: str) -> None:
    files = sorted((root / "tests/system/attacks").glob("test_*.py"))
    assert len(files) > 10
    assert [path.name for path in files if str(path.relative_to(root)) not in page] == []
