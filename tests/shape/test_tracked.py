"""What is handed on holds no address of a registry, no path of a machine and nothing large."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

LARGEST_BYTES = 1 << 20
REGISTRY = re.compile(
    r"https?://[^\s\"'`)]*(?:pypi|pythonhosted|npmjs|artifactory|nexus|/simple(?:/|$))", re.IGNORECASE
)
OWN = "tests/shape/test_tracked.py"  # which has addresses to see
HOMES = ("home", "Users", "root")
PLACE = re.compile(rf"(?<![\w.])/(?:{'|'.join(HOMES)})/\w+")


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    """What is tracked or would be, once added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    if listing.returncode and not (root / ".git").exists():
        pytest.skip("needs a git clone")  # stated reason: in an unpacked archive nobody can tell what is tracked
    assert listing.returncode == 0, listing.stderr
    found = [root / name for name in listing.stdout.split("\0") if name]
    return [path for path in found if path.is_file()]


def leaks(text: str, here: str) -> list[str]:
    """The addresses of registries and paths of machines in a text."""
    found = [match[0] for pattern in (REGISTRY, PLACE) for match in pattern.finditer(text)]
    return found + ([here] if here.count("/") > 1 and here in text else [])  # `/src` would be anybody's


def test_no_registry_address_and_no_path_of_a_machine(root: Path, files: list[Path]) -> None:
    texts = {str(path.relative_to(root)): path.read_text(errors="replace") for path in files}
    found = {name: leaks(text, str(root)) for name, text in texts.items()}
    assert len(found) > 20
    assert {name: hits for name, hits in found.items() if hits and name != OWN} == {}


def test_nothing_large_is_tracked(root: Path, files: list[Path]) -> None:
    assert [str(path.relative_to(root)) for path in files if path.stat().st_size > LARGEST_BYTES] == []


@pytest.mark.parametrize(
    "text", ["https://pypi.example/x", "http://h:80/a/simple/", "https://files.pythonhosted.org/a"]
)
def test_an_address_of_a_registry_is_seen(text: str) -> None:
    assert leaks(text, "/no/where") != []


@pytest.mark.parametrize("home", HOMES)
def test_a_path_of_a_machine_is_seen_and_a_part_of_another_path_is_none(home: str) -> None:
    assert leaks(f"at /{home}/ann/x", "/no/where") == [f"/{home}/ann"]
    assert leaks(f"docs/{home}/page", "/no/where") == []


@pytest.mark.parametrize("text", ["https://example.com/simple-things.html", "/v2/models"])
def test_what_is_no_leak_is_let_through(text: str) -> None:
    assert leaks(text, "/no/where") == []
