"""An output is handed on as the service wants it said."""

import click
import pytest

from trimtab.cli.handing import hand_on, must_hand_on

DIGEST = f"sha256:{'d' * 64}"


def test_github_reads_it_from_a_file_that_is_added_to(tmp_path, capsys):
    file = tmp_path / "outputs"
    file.write_text("other=1\n")
    hand_on(DIGEST, {"GITHUB_OUTPUT": str(file)})
    assert file.read_text() == f"other=1\ndigest={DIGEST}\n"
    assert capsys.readouterr().out == ""


def test_azure_reads_it_from_what_is_printed(capsys):
    hand_on(DIGEST, {"TF_BUILD": "True"})
    assert capsys.readouterr().out == f"##vso[task.setvariable variable=digest;isOutput=true]{DIGEST}\n"


def test_outside_of_a_pipeline_there_is_nobody_to_hand_it_to():
    must_hand_on({"TF_BUILD": "True"})
    must_hand_on({"GITHUB_OUTPUT": "/x"})
    with pytest.raises(click.BadParameter, match="this is no step of a pipeline"):
        must_hand_on({"GITHUB_OUTPUT": "", "TF_BUILD": ""})


def test_that_is_said_before_anything_is_packaged(type_in, monkeypatch):
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    monkeypatch.delenv("TF_BUILD", raising=False)
    for words in (("package", "--hand-on"), ("pull", "registry.example/m", "--hand-on")):
        said = type_in(*words)
        assert said.status == 2
        assert "error[P114]: `--hand-on`" in said.err
