"""The command itself: verbs, help, exit statuses, and what becomes of an error."""

import json

import click
import pytest

from trimtab import __version__
from trimtab.cli.main import INTERRUPTED, VERBS, run


def test_every_verb_has_its_module_and_help(type_in):
    for verb in VERBS:
        said = type_in(verb, "--help")
        assert said.status == 0
        assert f"trimtab {verb}" in said.out


def test_without_a_word_there_is_help_with_the_verbs_in_order(type_in):
    said = type_in()
    assert (said.status, said.err) == (0, "")
    places = [said.out.index(f"\n  {verb} ") for verb in VERBS]
    assert places == sorted(places)


def test_the_version_is_data(type_in):
    assert type_in("--version") == (0, f"trimtab {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "code"),
    [(["srve"], "P111"), (["serve", "--prot", "1"], "P112"), (["ask"], "P113"), (["serve", "--port", "x"], "P114")],
)
def test_a_wrong_word_is_exit_2_and_one_message_on_stderr(type_in, words, code):
    said = type_in(*words)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"error[{code}]: ")
    as_json = type_in(*words, "--json")
    assert (as_json.status, as_json.out) == (2, "")
    assert json.loads(as_json.err)["errors"][0]["code"] == code


class Words(list):
    """A command line that raises when it is looked at: the only part of a run that a test can hand in."""

    def __init__(self, error):
        super().__init__(["check"])
        self.error = error

    def __iter__(self):
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_being_interrupted_is_no_error_message(error, capsys):
    assert run(Words(error)) == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_fault_of_ours_keeps_its_traceback_and_says_to_report_it(capsys):
    assert run(Words(ZeroDivisionError("a hole in trimtab"))) == 3
    err = capsys.readouterr().err
    assert "ZeroDivisionError: a hole in trimtab" in err
    assert "error[P100]: this is a fault of trimtab itself" in err
