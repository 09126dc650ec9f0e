"""The programs of the house do what the Makefile trusts them to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def run(root: Path, *command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, env=env, timeout=120)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a](nowhere.md)", "page.md:1: no file `nowhere.md`"),
        ("[a](#nothing)", "page.md:1: no heading `#nothing`"),
        ("[a](other.md#two-words-2)", "page.md:1: no heading `other.md#two-words-2`"),
        ("[a](../outside.md)", "page.md:1: no file `../outside.md`"),
        ("![picture](none.png)", "page.md:1: no file `none.png`"),
    ],
)
def test_a_broken_link_is_named(root: Path, tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "page.md").write_text(text)
    (tmp_path / "other.md").write_text("# Two words\n\n## Two words\n")
    ran = run(root, sys.executable, "scripts/links.py", str(tmp_path))
    assert ran.returncode == 1
    assert fault in ran.stdout.splitlines()


def test_links_that_lead_somewhere_pass(root: Path, tmp_path: Path) -> None:
    links = "[a](#trimtab--more) [b](other.md#two-words-1) [c](https://example.com/x) `[d](gone.md)`"
    (tmp_path / "page.md").write_text(f"# `trimtab` & *more*\n\n{links}\n```\n[e](gone.md)\n```\n")
    (tmp_path / "other.md").write_text("# Two words\n\n## Two words\n")
    ran = run(root, sys.executable, "scripts/links.py", str(tmp_path))
    assert ran.stdout == "2 pages, 0 broken links\n"
    assert ran.returncode == 0


def test_no_page_at_all_is_no_success(root: Path, tmp_path: Path) -> None:
    assert run(root, sys.executable, "scripts/links.py", str(tmp_path)).returncode == 1


def test_uv_looks_where_pip_is_told_to_look(root: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://a.example/$x y", "PIP_FIND_LINKS": "one  two"}
    env |= {"UV_FIND_LINKS": "kept"}
    ran = run(root, sys.executable, "scripts/uv_settings.py", env=env)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert "export UV_DEFAULT_INDEX='https://a.example/$x y'" in lines
    assert "export UV_INDEX_STRATEGY=unsafe-best-match" in lines
    assert not [line for line in lines if "UV_FIND_LINKS" in line], "a variable that is set stays as it is"


@pytest.mark.parametrize("script", ["scripts/bootstrap", "scripts/check", ".ci/run"])
def test_shell_scripts_parse_and_may_be_run(root: Path, script: str) -> None:
    assert run(root, "sh", "-n", script).returncode == 0
    assert os.access(root / script, os.X_OK)


def test_make_help_names_every_target(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony
    listed = re.findall(r"^  make (\w+) +\S", run(root, "make", "-s", "help").stdout, re.MULTILINE)
    assert set(listed) == set(phony[1].split()) - {"setup"}
