"""The engine as a program: real processes, that are no engines."""

import sys

import pytest

from trimtab.core.errors import OutsideError
from trimtab.targets.container.engine import Program, must, program_of


def test_words_input_and_variables_arrive_and_what_is_said_comes_back():
    program = Program(sys.executable, "docker")
    code = "import os, sys; print(sys.argv[1:], sys.stdin.read(), os.environ['SECRET']); sys.exit('no good')"
    done = program(["-c", code, "a b", "$(c)"], b"given", {"SECRET": "hush"})
    assert (done.status, done.out, done.err) == (1, "['a b', '$(c)'] given hush\n", "no good\n")


def test_what_must_work_and_does_not_is_said_with_its_last_line():
    with pytest.raises(OutsideError, match=r"P502.*: the reason"):
        must(Program(sys.executable, "podman"), ["-c", "import sys; sys.exit('a warning\\nthe reason')"])


def test_a_program_that_cannot_be_run():
    with pytest.raises(OutsideError, match="P502"):
        Program("/no/such/program", "podman")(["ps"])


def test_an_engine_that_is_not_installed(monkeypatch):
    monkeypatch.setenv("PATH", "/no/such/folder")
    for wanted in ("", "podman", "docker"):
        with pytest.raises(OutsideError, match="P521"):
            program_of(wanted)
