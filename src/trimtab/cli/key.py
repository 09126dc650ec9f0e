"""`trimtab key`: the API keys that a server takes: a new one, which ones there are, an end to one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.options import STORE_FOLDER, Duration, json_option, project_here
from trimtab.cli.show import aligned, fact, out, out_json, say
from trimtab.core.errors import Problem, UserError
from trimtab.project import Project

if TYPE_CHECKING:
    from trimtab.cli.keymaking import Made
    from trimtab.server.guard.keys.file import Entries, KeyEntry
    from trimtab.server.guard.principal import Grant

__all__ = ["command", "keys_file"]

_FILE: Final = "keys.json"
_PATH: Final = click.Path(path_type=Path)
_LONGEST_S: Final = 100 * 365.25 * 86400
_COLUMNS: Final = ("id", "name", "grants", "created", "expires", "state")

keys_option = click.option(
    "--keys", type=_PATH, metavar="FILE", help="The file of keys, if not the project's, or `keys.json` in `.trimtab`."
)


def keys_file(said: Path | None, project: Project | None) -> Path:
    """The file of keys: the one that was said, the project's, or `keys.json` in the store's folder."""
    own = None if project is None else project.server.guard.keys
    return said or own or Path.cwd() / STORE_FOLDER / _FILE


def _notebook(project: Project | None) -> Callable[[str, KeyEntry], None]:
    """Writes a record of a change among those of the server, where the project keeps them in a folder.

    OutsideError P347 where that cannot be: before anything is changed.
    """
    guard = None if project is None else project.server.guard
    if guard is None or guard.audit is None:
        return lambda _what, _entry: None
    from trimtab.server.guard.make import audit_of

    audit, who = audit_of(guard, lambda _event, _fields: None), f"uid:{os.getuid()}"
    return lambda what, entry: audit.control(who, what, "", "local", "done", key=f"{entry.name}:{entry.id}")


class _Scope(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """A grant."""

    name = "scope"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`read`, `infer:churn-*`."""
        from trimtab.server.guard.principal import parse_grant

        try:
            return parse_grant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group("key")
def command() -> None:
    """Make API keys for those who call a server, list them, and end them."""


@command.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", type=_Scope(), multiple=True, metavar="SCOPE",
    help="What it may: infer, read, feedback or operate; `infer:churn-*` for those endpoints only.",
)  # fmt: skip
@click.option("--expires", type=Duration(), metavar="DURATION", help="It ends then, as `90d`; never if not said.")
@click.option(
    "--overlap",
    type=Duration(),
    metavar="DURATION",
    help="Older keys of NAME end then, as `24h`; they stay if not said.",
)
@click.option("--to", type=_PATH, metavar="FILE", help="Write it into this new file, which only you can read.")
@keys_option
@json_option
def add_key(name: str, scopes: tuple[Grant, ...], keys: Path | None, *, as_json: bool, **said: Any) -> None:
    """Make a key and show it: once, alone on stdout. Only its hash is kept.

    A further key of a NAME may what the last one may, unless scopes are said. To change keys without a gap, add one
    with --overlap and hand it out: the older ones end by themselves.
    """
    from trimtab.cli.keymaking import Wanted, make_key

    now = int(time.time())
    expires, ends = _later(now, said["expires"], "--expires", 1), _later(now, said["overlap"], "--overlap", 0)
    project = project_here()
    note = _notebook(project)
    made = make_key(keys_file(keys, project), Wanted(name, scopes, now, expires, ends, said["to"]))
    note("key add", made.entry)
    if as_json:
        out_json(_plain(made.entry, now) | ({"file": str(said["to"])} if said["to"] else {"key": made.key.reveal()}))
    else:
        _show(made, now, said["to"])


@command.command("list")
@keys_option
@json_option
def list_keys(keys: Path | None, *, as_json: bool) -> None:
    """List the keys: what each may, when it ends, and whether it is taken now."""
    from trimtab.server.guard.keys.book import load_keys

    found = [_plain(one, time.time()) for one in load_keys(keys_file(keys, project_here()))]
    if as_json:
        out_json({"keys": found})
    elif found:
        rows = [one | {"grants": ", ".join(one["grants"])} for one in found]
        out(aligned(_COLUMNS, [[one[word] for word in _COLUMNS] for one in rows]))
    else:
        say("no keys")


@command.command("revoke")
@click.argument("name_or_id")
@keys_option
@json_option
def revoke_keys(name_or_id: str, keys: Path | None, *, as_json: bool) -> None:
    """End a key by its id, or all keys of a name, for good.

    A server that runs takes none of them a second or two later.
    """
    from trimtab.server.guard.keys.book import change_keys, revoked

    now = int(time.time())
    ended: list[Entries] = []

    def change(before: Entries) -> Entries:
        after, touched = revoked(before, name_or_id, now)
        ended.append(touched)
        return after

    project = project_here()
    note = _notebook(project)
    change_keys(keys_file(keys, project), change)
    for one in ended[0]:
        note("key revoke", one)
    if as_json:
        out_json({"keys": [_plain(one, now) for one in ended[0]]})
        return
    for one in ended[0]:
        fact("revoked", f"{one.id}  {one.name}")


def _later(now: int, seconds: float | None, option: str, least: int) -> int | None:
    if seconds is None:
        return None
    if not least <= seconds <= _LONGEST_S:
        what = f"`{option}`: a key ends within {least} seconds and 100 years"
        raise UserError(Problem("P114", what, "trimtab key add"))
    return now + int(seconds)


def _show(made: Made, now: int, file: Path | None) -> None:
    entry = _plain(made.entry, now)
    end = f"ends {entry['expires']}" if entry["expires"] else "never ends"
    say(f"added      {entry['id']}  {entry['name']}: {', '.join(entry['grants'])}; {end}")
    older = [_plain(one, now) for one in made.older if one.state(now) == "active"]
    for one in older:
        say(f"older      {one['id']}  " + (f"ends {one['expires']}" if one["expires"] else "stays"))
    if any(one["expires"] is None for one in older):
        say("`trimtab key revoke ID` ends an older one; with `--overlap 24h` they would have ended by themselves")
    if file is not None:
        say(f"key        in `{file}`, and kept nowhere else")
        return
    say("key        shown this once, and kept nowhere")
    out(made.key.reveal())


def _plain(entry: KeyEntry, now: float) -> dict[str, Any]:
    """For a program; no hash."""
    from trimtab.server.guard.keys.file import as_time

    times = {"created": entry.created, "expires": entry.expires, "revoked": entry.revoked}
    return {
        "id": entry.id,
        "name": entry.name,
        "grants": [str(grant) for grant in entry.grants],
        **{word: None if seconds is None else as_time(seconds) for word, seconds in times.items()},
        "state": entry.state(now),
    }
