"""Click's complaints about a command line in the house form, with the nearest valid name."""

from __future__ import annotations

from collections.abc import Sequence

import click

from trimtab.core.errors import Problem, UserError, did_you_mean

__all__ = ["no_such_verb", "usage_error"]


def no_such_verb(word: str, verbs: Sequence[str]) -> UserError:
    """P111: the first word is not a verb."""
    hint = did_you_mean(word, verbs)
    if hint.startswith("did you mean"):
        hint = f"did you mean `trimtab {hint.split('`')[1]}`?"
    return UserError(Problem("P111", f"no verb `{word}`", "trimtab", hint))


def usage_error(error: click.ClickException, typed: str) -> UserError:
    """P112 an unknown option, P113 a missing argument or option, P114 a value that an option does not take.

    typed: the command as far as it is known (`trimtab serve`), for the errors that click raises without a context.
    """
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else typed
    match error:
        case click.NoSuchOption(option_name=name):
            options = _options(context)
            hint = did_you_mean(name, options)
            return UserError(Problem("P112", f"no option `{name}`", path, hint))
        case click.MissingParameter():
            return UserError(Problem("P113", f"{_parameter(error)} is missing", path, f"`{path} --help` shows its use"))
        case click.BadParameter():
            what = f"{_parameter(error)}: {_plain(error.message)}"
            return UserError(Problem("P114", what, path, f"`{path} --help` shows its use"))
        case _:
            what = _plain(error.format_message())
            return UserError(Problem("P114", what, path, f"`{path} --help` shows its use"))


def _options(context: click.Context | None) -> list[str]:
    """The long options of the command that was typed."""
    parameters = context.command.get_params(context) if context is not None else []
    return [name for parameter in parameters for name in parameter.opts if name.startswith("--")]


def _parameter(error: click.BadParameter) -> str:
    """The option or argument that an error is about, as the user types it."""
    parameter = error.param
    if parameter is None:
        return f"`{error.param_hint}`" if error.param_hint else "an argument"
    if isinstance(parameter, click.Option):
        return f"`{max(parameter.opts, key=len)}`"
    return f"`{parameter.human_readable_name}`"


def _plain(message: str) -> str:
    """Click's sentence in lower case, without its full stop, its quotes as backticks."""
    text = message.strip().rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:]
