"""`trimtab push`: what is wrong with its command line is said before anything is asked."""

import pytest

from trimtab.cli.main import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("m",), "error[P113]: `REGISTRY/REPO[:TAG]` is missing"),
        (("m", "team/m"), "error[P237]"),
        (("m", "https://registry.example/m"), "leave out what stands before the host"),
        (("m", f"registry.example/m@sha256:{'0' * 64}"), "error[P114]: "),
        (("none", "registry.example/m"), "error[P230]"),
    ],
)
def test_a_wrong_command_line_is_refused(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert run(["push", *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
