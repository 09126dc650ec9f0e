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
    of its name, and `in use` is what some process has, so that it is not removed.
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
@click.option("--dry-run", is_flag=True, help="Say what would go, and leave it.")
@store_option
@json_option
def collect_garbage(*, keep: int, older_s: float, dry_run: bool, store_folder: Path | None, as_json: bool) -> None:
    """Remove the bundles that no alias names and no process has, and what belongs to none.

    A bundle that is served, scored, checked or being packaged is never removed, whatever its names. The last bundles
    that each name pointed at stay too. Layers that no image was made of for a month go, and what pulls left a week ago.
    """
    from trimtab.bundle.collect import collect
    from trimtab.bundle.image.layers import LayerStore
    from trimtab.bundle.oci.kept import PARTIAL, sweep
    from trimtab.bundle.stock import Limits, waste

    store, limits = store_at(store_folder), Limits(keep, older_s, time.time())
    gone = waste(store, limits) if dry_run else collect(store, limits)
    halves = sweep(store.root / PARTIAL, limits.now, dry_run=dry_run)
    halves += LayerStore(store.root).sweep(limits.now, dry_run=dry_run)
    if as_json:
        out_json({**_told(gone, dry_run=dry_run), "work": halves})
        return
    for entry in gone.bundles:
        fact("would go" if dry_run else "removed", f"{_full(entry)}  {size_text(entry.size)}")
    for entry in gone.used:
        fact("in use", _full(entry))
    word = "would free" if dry_run else "freed"
    fact(word, f"{size_text(gone.freed)}: {_count(gone)}")
    if halves:
        fact(word, f"{size_text(halves)}: layers of images and halves of pulls that nobody asked for since long")


def _digits(entry: Entry) -> str:
    return entry.digest[:_DIGITS]


def _full(entry: Entry) -> str:
    return f"{entry.name}@{_digits(entry)}".removeprefix("@")


def _state(one: Stored) -> str | None:
    words = ["damaged"] if one.entry.fault else []
    words += ["in use"] if one.used else []
    words += ["former"] if one.former else []
    return ", ".join(words) or None


def _plain(one: Stored) -> dict[str, Any]:
    entry = one.entry
    plain = {"name": entry.name, "digest": entry.digest, "aliases": list(entry.aliases), "size": entry.size}
    return {**plain, "shared": one.shared, "used": one.used, "former": one.former, "fault": entry.fault}


def _told(gone: Waste, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "removed": [{"name": one.name, "digest": one.digest, "size": one.size} for one in gone.bundles],
        "used": [one.digest for one in gone.used],
        "blobs": [f"sha256:{path.name}" for path in gone.blobs],
        "beside": [f"{path.parent.name}/{path.name}" for path in gone.beside],
        "freed": gone.freed,
    }


def _count(gone: Waste) -> str:
    numbers = ((len(gone.bundles), "bundle"), (len(gone.blobs), "blob"), (len(gone.beside), "note"))
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in numbers)
