"""Files and functions stay small enough to be read at one sitting."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LONGEST_FILE = 250
LONGEST_FUNCTION = 50
FOLDERS = ("src", "scripts", "demo", "benchmarks", "tests")
# "path" or "path::function": why it may be longer; empty at best
ALLOWED: dict[str, str] = {}


def python_files(root: Path) -> list[Path]:
    """The project's own Python files."""
    return sorted(
        path
        for folder in FOLDERS
        for path in (root / folder).rglob("*.py")
        if "scratch" not in path.relative_to(root).parts
    )


def too_long(text: str, name: str) -> list[str]:
    """What is too long in one file, by name."""
    found = (
        [f"{name}: {lines} lines"] if (lines := len(text.splitlines())) > LONGEST_FILE and name not in ALLOWED else []
    )
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and f"{name}::{node.name}" not in ALLOWED:
                found.append(f"{name}::{node.name}: {length} lines")
    return found


def test_no_file_or_function_is_too_long(root: Path) -> None:
    files = python_files(root)
    assert len(files) > 20
    assert [fault for path in files for fault in too_long(path.read_text(), str(path.relative_to(root)))] == []


def test_every_exception_is_still_needed(root: Path) -> None:
    for entry in ALLOWED:
        assert (root / entry.partition("::")[0]).exists(), entry


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1\n" * 251, "a.py: 251 lines"),
        ("def f():\n" + "    x = 1\n" * 50, "a.py::f: 51 lines"),
        ("class C:\n    async def g(self):\n" + "        x = 1\n" * 50, "a.py::g: 51 lines"),
    ],
)
def test_what_is_too_long_is_named(text: str, fault: str) -> None:
    assert too_long(text, "a.py") == [fault]


def test_what_just_fits_is_not_named() -> None:
    assert too_long("def f():\n" + "    x = 1\n" * 49 + "x = 1\n" * 200, "a.py") == []
