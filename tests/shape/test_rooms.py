"""The rooms import downwards only, and importing any of them is light and does nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# what a room may have brought in, itself or through the rooms below it
CORE = {"numpy"}
BUNDLE = CORE | {"msgspec", "packaging", "typing_extensions"}  # the last one through msgspec, where it is installed
SERVER = BUNDLE | {"httptools", "uvloop", "prometheus_client", "isal"}
CLI = SERVER | {"click", "rich_click", "rich", "pygments", "markdown_it", "mdurl", "colorama"}
JOURNAL = CORE | {"msgspec", "typing_extensions", "isal"}
ALLOWED = {"core": CORE, "bundle": BUNDLE, "journal": JOURNAL, "batch": BUNDLE, "server": SERVER, "ops": SERVER}

IMPORT_ALL = """
import importlib, json, os, pkgutil, sys, threading
environ, there = dict(os.environ), set(sys.modules)
package = importlib.import_module(sys.argv[1])
names = [sys.argv[1], *(module.name for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."))]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
new = {name: getattr(module, "__file__", "") or "" for name, module in sys.modules.items() if name not in there}
print(json.dumps({
    "modules": names,
    "outside": sorted({name.partition(".")[0] for name, file in new.items() if "site-packages" in file} - {"trimtab"}),
    "threads": threading.active_count(),
    "environ": dict(os.environ) == environ,
}))
"""


def import_all(package: str) -> dict[str, object]:
    """What a new process looks like after importing every module of the package."""
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, package]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    answer = json.loads(ran.stdout)  # importing must not print: more than one line would be no JSON
    assert isinstance(answer, dict)
    return answer


def test_import_contracts_hold(root: Path) -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


def test_importing_everything_imports_no_framework_and_does_nothing() -> None:
    after = import_all("trimtab")
    assert set(after["outside"]) <= CLI
    assert "trimtab.core.errors" in after["modules"]
    assert after["threads"] == 1
    assert after["environ"] is True


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_brings_in_no_more_than_its_share(room: str) -> None:
    assert set(import_all(f"trimtab.{room}")["outside"]) <= ALLOWED[room]
