"""`trimtab store`: what the folder of bundles holds, and making room in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.options import Duration, json_option, store_at, store_option
from trimtab.cli.show import aligned, fact, out, out_json, say, size_text

if TYPE_CHECKING:
    from trimtab.bundle.stock import Stored, Waste
    from trimtab.bundle.store import Entry

__all__ = ["command"]

_DIGITS = len("sha256:") + 8


@click.group("store")
def command() -> None:
    """List the bundles that are kept here, and remove those that nobody needs."""


@command.command("list")
@store_option
@json_option
def list_bundles(store_folder: Path | None, *, as_json: bool) -> None:
    """List every bundle: name, aliases, digest, size, and who holds it.

    `shared` is what other bundles hold too, which takes the disk once. `former` was pointed at by one of the last moves
    of its name, `in use` is what some process has, `live in prod` what an environment needs: none of it is removed.
    """
    from trimtab.bundle.stock import stock

    found = stock(store_at(store_folder))
    if as_json:
        out_json({"bundles": [_plain(one) for one in found]})
        return
    rows = [
        (one.entry.name or "?", _digits(one.entry), ", ".join(one.entry.aliases) or None,
         size_text(one.entry.size), size_text(one.shared), _state(one))
        for one in found
    ]  # fmt: skip
    if rows:
        out(aligned(("name", "digest", "aliases", "size", "shared", "state"), rows))
    else:
        say("no bundles")


@command.command("gc")
@click.option(
    "--keep", type=click.IntRange(0), default=3, show_default=True, metavar="N",
    help="How many former bundles of each name stay, for a rollback.",
)  # fmt: skip
@click.option(
    "--older-than", "older_s", type=Duration(), default="0s", metavar="DURATION",
    help="Only what has been here that long, as `12h` or `30d`.",
)  # fmt: skip
@click.option("--delete", is_flag=True, help="Remove it; without that, it is only listed.")
@store_option
@json_option
def collect_garbage(*, keep: int, older_s: float, delete: bool, store_folder: Path | None, as_json: bool) -> None:
    """List the bundles that nobody needs, and what belongs to none; with --delete, remove them.

    A bundle that is served, scored, checked or being packaged is never removed, whatever its names, nor one that is
    live in an environment, on its way there, or what a rollback would go back to. The last bundles that each name
    pointed at stay too. Layers that no image was made of for a month go, and what pulls left a week ago.
    """
    from trimtab.bundle.collect import collect
    from trimtab.bundle.image.layers import LayerStore
    from trimtab.bundle.oci.kept import PARTIAL, sweep
    from trimtab.bundle.stock import Limits, waste

    store, limits = store_at(store_folder), Limits(keep, older_s, time.time())
    gone = collect(store, limits) if delete else waste(store, limits)
    halves = sweep(store.root / PARTIAL, limits.now, dry_run=not delete)
    halves += LayerStore(store.root).sweep(limits.now, dry_run=not delete)
    if as_json:
        out_json({**_told(gone, deleted=delete), "work": halves})
        return
    for entry in gone.bundles:
        fact("removed" if delete else "would go", f"{_full(entry)}  {size_text(entry.size)}")
    for entry in gone.used:
        fact("in use", _full(entry))
    word = "freed" if delete else "would free"
    fact(word, f"{size_text(gone.freed)}: {_count(gone)}")
    if halves:
        fact(word, f"{size_text(halves)}: layers of images and halves of pulls that nobody asked for since long")
    if not delete and (gone.bundles or gone.blobs or gone.beside or halves):
        say("nothing was removed: `--delete` removes what is listed, if nobody needs it by then")


def _digits(entry: Entry) -> str:
    return entry.digest[:_DIGITS]


def _full(entry: Entry) -> str:
    return f"{entry.name}@{_digits(entry)}".removeprefix("@")


def _state(one: Stored) -> str | None:
    words = ["damaged"] if one.entry.fault else []
    words += ["in use"] if one.used else []
    words += ["former"] if one.former else []
    return ", ".join([*words, *one.needed]) or None


def _plain(one: Stored) -> dict[str, Any]:
    entry = one.entry
    plain = {"name": entry.name, "digest": entry.digest, "aliases": list(entry.aliases), "size": entry.size}
    return {
        **plain,
        "shared": one.shared,
        "used": one.used,
        "former": one.former,
        "needed": list(one.needed),
        "fault": entry.fault,
    }


def _told(gone: Waste, *, deleted: bool) -> dict[str, Any]:
    return {
        "deleted": deleted,
        "removed": [{"name": one.name, "digest": one.digest, "size": one.size} for one in gone.bundles],
        "used": [one.digest for one in gone.used],
        "blobs": [f"sha256:{path.name}" for path in gone.blobs],
        "beside": [f"{path.parent.name}/{path.name}" for path in gone.beside],
        "freed": gone.freed,
    }


def _count(gone: Waste) -> str:
    numbers = ((len(gone.bundles), "bundle"), (len(gone.blobs), "blob"), (len(gone.beside), "note"))
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in numbers)
