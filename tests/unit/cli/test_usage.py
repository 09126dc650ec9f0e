"""What click complains about, in the house form."""

import click
import pytest

from trimtab.cli.usage import no_such_verb, usage_error


@click.command("serve")
@click.argument("bundle")
@click.option("--port", "-p", type=click.IntRange(0, 9))
@click.option("--host", required=True)
def command(bundle, port, host):
    raise AssertionError(bundle, port, host)


def problem(*words):
    with pytest.raises(click.ClickException) as caught:
        command.make_context("trimtab serve", list(words))
    (only,) = usage_error(caught.value, "trimtab serve").problems
    return only


@pytest.mark.parametrize(
    ("words", "code", "what", "hint"),
    [
        (["b", "--prot", "1"], "P112", "no option `--prot`", "did you mean `--port`?"),
        (["b", "--quite-other"], "P112", "no option `--quite-other`", "valid: `--help`, `--host`, `--port`"),
        (["b"], "P113", "`--host` is missing", "`trimtab serve --help` shows its use"),
        (["--host", "h"], "P113", "`BUNDLE` is missing", "`trimtab serve --help` shows its use"),
        (["b", "--host", "h", "-p", "x"], "P114", "`--port`: `x` is not a valid integer range", None),
        (["b", "--host", "h", "--port", "10"], "P114", "`--port`: 10 is not in the range 0<=x<=9", None),
        (["b", "c", "--host", "h"], "P114", "got unexpected extra argument (c)", None),
        (["b", "--host"], "P114", "option `--host` requires an argument", None),
    ],
)
def test_each_complaint_has_its_code_and_names_what_was_typed(words, code, what, hint):
    found = problem(*words)
    assert (found.code, found.what, found.where) == (code, what, "trimtab serve")
    assert found.hint == (hint or "`trimtab serve --help` shows its use")


def test_an_error_without_a_context_is_placed_where_it_was_typed():
    (found,) = usage_error(click.UsageError("It's wrong."), "trimtab ask").problems
    assert (found.code, found.what, found.where) == ("P114", "it`s wrong", "trimtab ask")


@pytest.mark.parametrize(
    ("word", "hint"), [("srve", "did you mean `trimtab serve`?"), ("xyz", "valid: `score`, `serve`")]
)
def test_an_unknown_verb_names_the_nearest(word, hint):
    (found,) = no_such_verb(word, ["serve", "score"]).problems
    assert (found.code, found.what, found.hint) == ("P111", f"no verb `{word}`", hint)
