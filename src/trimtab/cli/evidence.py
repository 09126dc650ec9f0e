"""`trimtab evidence`: what is said of a bundle, by whom, and whether it counts; and results of other tools, added."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.aloft import ledger_at, ledger_option
from trimtab.cli.evidenced import detail, plain, summary, table
from trimtab.cli.keys import credentials_of, key_options
from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.releasing import Yard, by
from trimtab.cli.show import fact, harmless, out, out_json, say
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle
    from trimtab.ops.evidence.listing import Listed

__all__ = ["command"]

_VERB: Final = "trimtab evidence"
_KINDS: Final = ("scan", "tests", "model", "contract")
_LARGEST: Final = 64 * 2**20  # bytes of a file of results


class _Group(click.RichGroup):
    """What is none of its verbs is a bundle, whose evidence is listed."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The verb, `list` if there is none."""
        return super().resolve_command(ctx, args if args and args[0] in self.commands else ["list", *args])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`--help` is the group's own; everything else is for a verb."""
        is_verb = bool(args) and (args[0] in self.commands or args[0] in ("-h", "--help"))
        return super().parse_args(ctx, args if is_verb else ["list", *args])


@click.group("evidence", cls=_Group)
def command() -> None:
    """List what is said of a bundle and by whom, show it, or add results of other tools.

    `trimtab evidence BUNDLE` lists. BUNDLE is as for `release`, the project's latest if it is not named.
    """


@command.command("list")
@click.argument("bundle", required=False)
@ledger_option
@store_option
@json_option
def list_all(bundle: str | None, folder: Path | None, store_folder: Path | None, *, as_json: bool) -> None:
    """List every document with its verdict, age and signer, where it counts, and why those do not that do not."""
    yard, found, rows = _rows(bundle, folder, store_folder)
    if as_json:
        out_json({"name": found.name, "digest": found.digest, "evidence": [plain(one) for one in rows]})
        return
    fact("bundle", f"{found.name}@{found.digest}")
    counted = tuple(one for one in rows if one.found is not None)
    if counted:
        out(harmless(table(counted, time.time())))
    elif not rows:
        say(f"no evidence; `trimtab check --evidence` in {yard.project.folder.name} makes some")
    for one in rows:
        if one.fault:
            fact("fault", harmless(f"{one.kind or 'document'} {one.document[:12]}: {one.fault}"))


@command.command("show")
@click.argument("bundle", required=False)
@click.option("--kind", default="", metavar="KIND", help="Only evidence of that kind.")
@ledger_option
@store_option
@json_option
def show(bundle: str | None, kind: str, folder: Path | None, store_folder: Path | None, *, as_json: bool) -> None:
    """Show everything that the documents say: measures with their limits, what they were compared with, facts."""
    _, found, rows = _rows(bundle, folder, store_folder)
    rows = tuple(one for one in rows if kind in ("", one.kind))
    if as_json:
        out_json({"name": found.name, "digest": found.digest, "evidence": [plain(one) for one in rows]})
        return
    now = time.time()
    for at, one in enumerate(rows):
        if at:
            out("")
        for topic, text in detail(one, now):
            fact(harmless(topic), harmless(text))
    if not rows:
        say(f"no evidence{f' of the kind `{kind}`' if kind else ''}")


@command.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("bundle", required=False)
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="What the file shows.")
@key_options(required=False)
@ledger_option
@store_option
@json_option
def add(
    file: Path, bundle: str | None, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any
) -> None:
    """Add a FILE of results of another tool: SARIF or CycloneDX VEX of a scan, JUnit XML of tests.

    Whoever signs it vouches that it is about this bundle: --key, or the store's own key where `[trust]` names nobody.
    """
    from trimtab.ops.evidence.keeping import keep_found
    from trimtab.release.evidence.results.read import found_in
    from trimtab.release.evidence.results.result import ResultError

    yard, found = _bench(bundle, folder, store_folder)
    signs, kind = said["key"], said["kind"]
    credentials = credentials_of(signs, said["certificate"], said["chain"]) if signs is not None else None
    data = _read(file)
    try:
        new = found_in(kind, data, file.name, found.digest, time.time(), by())
    except ResultError as error:
        raise UserError(Problem("P445", f"`{file.name}` is no `{kind}` that can be read: {error}", _VERB)) from None
    documents = keep_found(yard.store.root, (new,), credentials)
    yard.record.keep(found.digest, documents)
    (row,) = _listed(yard, found, documents)
    if as_json:
        out_json({"name": found.name, "digest": found.digest} | plain(row))
        return
    fact("bundle", f"{found.name}@{found.digest}")
    fact(kind, harmless(summary(row.found, time.time()) if row.found else f"kept, and does not count: {row.fault}"))


def _rows(
    bundle: str | None, folder: Path | None, store_folder: Path | None
) -> tuple[Yard, Bundle, tuple[Listed, ...]]:
    from trimtab.ops.evidence.listing import documents_of

    yard, found = _bench(bundle, folder, store_folder)
    return yard, found, _listed(yard, found, documents_of(yard.record, yard.store.root, found.digest))


def _listed(yard: Yard, found: Bundle, documents: Any) -> tuple[Listed, ...]:
    from trimtab.ops.evidence.listing import listed

    return listed(yard.project, yard.store.root, documents, found.digest, time.time())


def _bench(bundle: str | None, folder: Path | None, store_folder: Path | None) -> tuple[Yard, Bundle]:
    from trimtab.ops.release.records import record_of

    project = project_here()
    if project is None:
        hint = "go to the project's folder: its `[trust]` says whose word counts"
        raise UserError(Problem("P446", "there is no `trimtab.toml` here", _VERB, hint))
    store, ledger = store_at(store_folder), ledger_at(folder or project.folder / project.release.folder).folder
    return Yard(project, store, ledger, record_of(project, store.root, ledger)), bundle_of(bundle, store, project)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        what = f"`{file}` cannot be read: {(error.strerror or str(error)).lower()}"
        raise UserError(Problem("P445", what, _VERB)) from None
    if len(data) > _LARGEST:
        raise UserError(Problem("P445", f"`{file}` has more than {_LARGEST} bytes", _VERB))
    return data
