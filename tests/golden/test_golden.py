"""What users read is what the golden files say; `make golden` writes them anew."""

import subprocess
import sys


def golden(root, *options):
    command = [sys.executable, "scripts/golden.py", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


def test_the_golden_files_are_as_the_source_makes_them(root):
    ran = golden(root, "--check")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0), "run `make golden` and look at `git diff`"


def test_a_file_that_is_missing_or_differs_is_named(root, tmp_path):
    assert golden(root, "--root", str(tmp_path)).returncode == 0
    (tmp_path / "tests/golden/help/ask.txt").unlink()
    (tmp_path / "docs/reference/cli.md").write_text("other")
    ran = golden(root, "--check", "--root", str(tmp_path))
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == ["differs tests/golden/help/ask.txt", "differs docs/reference/cli.md"]


def test_every_case_of_a_message_is_a_fault(root):
    cases = list((root / "tests/golden/messages").glob("*.toml"))
    assert len(cases) > 3
    assert [case for case in cases if "error[" not in case.with_suffix(".txt").read_text()] == []


def test_help_fits_a_hundred_columns_without_colour(root):
    pages = list((root / "tests/golden/help").glob("*.txt"))
    assert len(pages) > 6
    for page in pages:
        text = page.read_text()
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 100
