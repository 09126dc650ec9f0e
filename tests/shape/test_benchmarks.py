"""What the benchmarks measure is the product as it is tested: the same versions, and nothing missing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def pins(requirements: Path) -> dict[str, set[str]]:
    """Names to the versions pinned for them; there may be one for each range of Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(requirements.read_text()):
        found.setdefault(name.lower().replace("_", "-"), set()).add(version)
    return found


def test_the_environment_of_the_cold_start_has_the_versions_of_the_product(root: Path) -> None:
    ours, tested = pins(root / "benchmarks/requirements.txt"), pins(root / "requirements/dev.txt")
    assert len(ours) > 10
    assert {name: versions for name, versions in ours.items() if versions != tested.get(name)} == {}


def test_the_environment_of_the_cold_start_has_all_that_the_product_needs(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["sklearn"]]
    names = {re.split(r"[\[<>=;~! ]", one, maxsplit=1)[0].lower() for one in needed}
    assert names - pins(root / "benchmarks/requirements.txt").keys() == set()
