"""What is kept of interactions, as `[server.log]` says it; and the same written down again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trimtab.server.journal.settings import JournalSettings

__all__ = ["journal_lines", "journal_of"]

_SAME = ("interactions", "errors", "mode", "on_fault", "size", "subject", "truth", "ship", "columns")


def journal_of(server: Mapping[str, Any], folder: Path) -> JournalSettings | None:
    """The settings of a part without faults; None where there is no such part. Paths start from the folder."""
    said = server.get("log")
    if said is None:
        return None
    same = {key: said[key] for key in _SAME if key in said}
    if "keep" in said:
        same["keep_s"] = said["keep"]
    if "rotate" in said:
        same["rotate_s"] = said["rotate"]
    if "secret" in said:
        same["secret"] = folder / said["secret"]
    return JournalSettings(folder / said.get("folder", "journal"), **same)


def journal_lines(journal: JournalSettings | None, folder: Path) -> Iterator[str]:
    """The table as the file has it, with an empty line ahead of it."""
    if journal is None:
        return
    default = JournalSettings(journal.folder)
    said: dict[str, Any] = {
        key: getattr(journal, key) for key in _SAME if getattr(journal, key) != getattr(default, key)
    }
    columns = said.pop("columns", {})
    said["interactions"] = journal.interactions
    place = journal.folder
    said["folder"] = str(place.relative_to(folder) if place.is_relative_to(folder) else place)
    if journal.keep_s is not None:
        said["keep"] = _seconds(journal.keep_s)
    if journal.rotate_s != default.rotate_s:
        said["rotate"] = _seconds(journal.rotate_s)
    if journal.size is not None:
        said["size"] = f"{journal.size}B"
    if journal.secret is not None:
        secret = journal.secret
        said["secret"] = str(secret.relative_to(folder) if secret.is_relative_to(folder) else secret)
    yield from ("", "[server.log]")
    yield from (f"{key} = {_toml(value)}" for key, value in said.items())
    if columns:
        yield from ("", "[server.log.columns]")
        yield from (f"{json.dumps(name)} = {json.dumps(text)}" for name, text in columns.items())


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") + "s"


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)
