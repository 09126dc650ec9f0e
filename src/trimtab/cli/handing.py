"""How a verb hands an output on to the later jobs of the pipeline that it runs in, as the service wants it said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import rich_click as click

from trimtab.cli.show import out

__all__ = ["hand_on", "hand_on_option", "must_hand_on"]

hand_on_option = click.option(
    "--hand-on",
    "hand_on_digest",
    is_flag=True,
    help="In a pipeline of GitHub or Azure: hand the bundle's digest on to its later jobs, as output `digest`.",
)


def must_hand_on(environ: Mapping[str, str]) -> None:
    """BadParameter outside of a pipeline: before the work, and not after it."""
    if not environ.get("GITHUB_OUTPUT") and not _azure(environ):
        what = "this is no step of a pipeline: neither `GITHUB_OUTPUT` nor `TF_BUILD` is set"
        raise click.BadParameter(what, param_hint="--hand-on")


def hand_on(digest: str, environ: Mapping[str, str]) -> None:
    """The output `digest`; OSError where the service's own file cannot be written."""
    if file := environ.get("GITHUB_OUTPUT"):
        with Path(file).open("a", encoding="utf-8") as outputs:
            outputs.write(f"digest={digest}\n")
    elif _azure(environ):
        out(f"##vso[task.setvariable variable=digest;isOutput=true]{digest}")


def _azure(environ: Mapping[str, str]) -> bool:
    return environ.get("TF_BUILD", "").lower() == "true"
