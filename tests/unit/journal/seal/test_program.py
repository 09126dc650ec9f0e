"""The keeper as a program: what it is told, what it says, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pyarrow import parquet
from tests.doubles.logged import NOON, Logging

from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.privacy.tombstones import begin
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.program import main
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def logged(folder):
    writer = Writer(folder)
    Logging(writer).ask(1)
    writer.close()


def run(*arguments, **options):
    command = [sys.executable, "-m", "trimtab.journal.seal.program", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


@pytest.mark.usefixtures("logged")
def test_a_pass_is_told_in_a_line_of_json(folder):
    ran = run(folder.path, "--keep", 7_776_000, "--size", 10**9)
    assert (ran.returncode, ran.stderr, ran.stdout.count("\n")) == (0, "", 1)
    told = json.loads(ran.stdout)
    assert told["sealed"]["interactions"] == 1
    assert told["problems"] == []
    assert not told["believed"]
    ((path),) = sealed_files(folder.path)
    assert parquet.ParquetFile(path).metadata.num_rows == 1


@pytest.mark.usefixtures("logged")
def test_sealed_files_are_shipped(folder, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    ran = run(folder.path, "--ship", f"file://{away}")
    assert (ran.returncode, ran.stderr) == (0, "")
    names = [path.name for path in sealed_files(folder.path)]
    assert [path.name for path in away.rglob("*.parquet")] == names
    ((told,),) = [json.loads(ran.stdout)["shipped"]]
    assert told["sent"] == 1


def test_what_was_forgotten_is_taken_away(folder):
    keys = open_keys(folder)
    writer = Writer(folder)
    Logging(writer).ask(1, subjects=[keys.subject("ada")])
    kept = Logging(writer).ask(2, subjects=[keys.subject("bob")])
    writer.close()
    begin(folder, keys.subject("ada"), NOON + 10, ())
    assert run(folder.path).returncode == 0
    ((path),) = sealed_files(folder.path)
    assert parquet.ParquetFile(path).read()["id"].to_pylist() == [kept]


@pytest.mark.usefixtures("logged")
def test_what_needs_attention_is_told_and_the_status_says_so(folder):
    ran = run(folder.path, "--size", 1)
    assert ran.returncode == 0  # it was not to be shipped, and went
    ran = run(folder.path, "--ship", "nowhere")
    assert ran.returncode == 3
    assert [problem["code"] for problem in json.loads(ran.stdout)["problems"]] == ["P960"]


def test_without_a_journal_nothing_is_made(tmp_path):
    ran = run(tmp_path / "none")
    assert ran.returncode == 3
    assert json.loads(ran.stdout)["problems"][0]["code"] == "P904"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("logged")
def test_it_is_behind_everybody_else(folder):
    probe = "import os, sys; from trimtab.journal.seal.program import main; main(sys.argv[1:]); print(os.nice(0))"
    said = subprocess.run(
        [sys.executable, "-c", probe, str(folder.path)], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert said.splitlines()[-1] == "19"


@pytest.mark.usefixtures("logged")
def test_with_a_parent_that_has_gone_it_does_nothing(folder):
    ran = run(folder.path, "--parent", 2**22 - 1)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert list(sealed_files(folder.path)) == []
    assert run(folder.path, "--parent", os.getpid()).returncode == 0
    assert len(list(sealed_files(folder.path))) == 1


def test_wrong_arguments_end_at_once(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--keep", "long", "folder"])
    assert "--keep" in capsys.readouterr().err
