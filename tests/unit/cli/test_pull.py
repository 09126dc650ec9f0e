"""`trimtab pull`: what is wrong with its command line is said before anything is asked."""

import pytest

from trimtab.cli.main import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "is missing"),
        (("team/m:v1",), "error[P237]"),
        (("registry.example/m:v1", "--tag", "A B"), "error[P114]: "),
        (("registry.example/m",), "says neither which tag nor which digest"),
    ],
)
def test_a_wrong_command_line_is_refused(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert run(["pull", *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert not (tmp_path / ".trimtab").exists()
