"""Options and arguments that several verbs share, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE, Project, read_project
from trimtab.project.units import DURATIONS, UnitError, quantity

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store

__all__ = [
    "STORE_FOLDER", "Duration", "bundle_of", "env_option", "json_option", "plain_http_option", "project_here",
    "store_at", "store_option", "trusted_bundle",
]  # fmt: skip

STORE_FOLDER = ".trimtab"
_UNITS: Final = DURATIONS | {"d": 86400.0}

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
plain_http_option = click.option(
    "--plain-http", is_flag=True, help="Talk to the registry without TLS; this machine's own may do so anyway."
)
store_option = click.option(
    "--store",
    "store_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where bundles are kept, if not in `.trimtab` here.",
)


env_option = click.option(
    "--env", default="", metavar="NAME", help="Whose trust policy holds: `[env.NAME.trust]` of trimtab.toml."
)


class Duration(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """Seconds of a duration; of days too, unlike in trimtab.toml."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`12h`, `30d`; what is a number already stays."""
        try:
            return value if isinstance(value, float) else quantity(value, _UNITS)
        except UnitError as error:
            self.fail(error.what, param, ctx)


def project_here() -> Project | None:
    """The project of the current folder, None without a trimtab.toml; the files it names may be gone."""
    here = Path.cwd()
    return read_project(here, files=False) if (here / PROJECT_FILE).exists() else None


def store_at(folder: Path | None) -> Store:
    """The store that a command line means; UserError P109 when something else is in its place."""
    from trimtab.bundle.store import Store

    folder = folder or Path.cwd() / STORE_FOLDER
    if folder.exists() and not folder.is_dir():
        raise UserError(Problem("P123", f"`{folder.name}` is a file, not a folder of bundles", "--store"))
    return Store(folder)


def trusted_bundle(reference: str | None, store: Store, project: Project | None, env: str = "") -> Bundle:
    """The bundle that a command line means, to be loaded: the trust policies let it run, and it lies in a store."""
    from trimtab.cli.trusting import trusted

    return trusted(bundle_of(reference, store, project), store, project, env)


def bundle_of(reference: str | None, store: Store, project: Project | None) -> Bundle:
    """The bundle that a command line means: the project's latest if it names none. Every digest of it is checked.

    Its code must not run: `trusted_bundle` is the way to that.
    """
    if reference is None and project is None:
        hint = f"name a bundle, or go to a folder with a `{PROJECT_FILE}`"
        raise UserError(
            Problem("P122", f"no bundle named, and no `{PROJECT_FILE}` in this folder", str(Path.cwd()), hint)
        )
    return store.resolve(reference or (project.name if project else ""))
