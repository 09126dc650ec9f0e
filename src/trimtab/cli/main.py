"""The command `trimtab`: finds the verb, runs it, and turns whatever goes wrong into a message and an exit status."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import rich_click as click
from click.exceptions import Exit

from trimtab import __version__
from trimtab.cli.show import complain
from trimtab.cli.usage import no_such_verb, usage_error
from trimtab.core.collecting import uncollected
from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.core.reports import no_reports

__all__ = ["VERBS", "main", "run", "trimtab"]

VERBS: Final = (
    "init", "package", "check", "inspect", "sign", "verify", "save", "load", "push", "pull", "image", "store",
    "serve", "route", "key", "ask", "score", "truth", "log", "export", "forget", "replay", "tune", "simulate", "fly",
    "flights", "evidence", "approve", "plan", "release", "status", "history", "rollback", "withdraw", "reconcile",
    "pipeline",
)  # fmt: skip
INTERRUPTED: Final = 130  # what a shell says of a program that Ctrl-C ended
PIPE_CLOSED: Final = 141  # what a shell says of a program whose reader went away
STYLE: Final = {"theme": "default-slim", "max_width": 100, "text_markup": None}


class _Verbs(click.RichGroup):
    """The verbs, each imported when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The verbs in the order a user meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """The verb of that name, from the module of that name."""
        if cmd_name not in VERBS:
            return None
        with uncollected():
            command: click.Command = importlib.import_module(f"trimtab.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The verb and what follows it; our own error for a verb that does not exist."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise no_such_verb(args[0], VERBS)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "rich_help_config": STYLE},
)
@click.version_option(__version__, message="trimtab %(version)s", help="Show the version.")
@click.pass_context
def trimtab(ctx: click.Context) -> None:
    """Change the model safely with one command, anywhere, and see the proof.

    Data goes to stdout, talk to stderr; with --json both are JSON. Exit status: 0 done, 1 a proof said no,
    2 the input is wrong, 3 something outside failed.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """The entry point of the console script."""
    no_reports()  # whatever imports what, code of the user's too
    if "_TRIMTAB_COMPLETE" in os.environ:
        trimtab.main(prog_name="trimtab")
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = _pipe_closed()
    sys.exit(status)


def run(args: Sequence[str]) -> int:
    """Runs one command line; its exit status."""
    as_json = "--json" in args
    try:
        with trimtab.make_context("trimtab", list(args)) as ctx:
            trimtab.invoke(ctx)
    except Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        typed = " ".join(["trimtab", *(word for word in args[:1] if word in VERBS)])
        return _fail(usage_error(error, typed), as_json=as_json)
    except TrimtabError as error:
        return _fail(error, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except Exception:  # noqa: BLE001  # the last wall: a fault of ours keeps its traceback
        traceback.print_exc()
        hint = "please report it with the lines above"
        return _fail(OutsideError(Problem("P100", "this is a fault of trimtab itself", hint=hint)), as_json=as_json)
    return 0


def _fail(error: TrimtabError, *, as_json: bool) -> int:
    """Says what went wrong; the exit status for it."""
    complain(error, as_json=as_json)
    return error.exit_status


def _pipe_closed() -> int:
    """Lets the interpreter end without a word about the pipe that nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
