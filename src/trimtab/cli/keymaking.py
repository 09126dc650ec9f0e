"""Makes an API key: its entry into the file of keys, and the key itself to nobody but who asked for it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.bundle.manifest import NAME
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.secrets import Secret
from trimtab.server.guard.keys.book import added, change_keys, newest
from trimtab.server.guard.keys.file import Entries, KeyEntry
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import SCOPES, Grant

__all__ = ["Made", "Wanted", "make_key"]

_WHERE: Final = "trimtab key add"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key for a caller; times are seconds since 1970.

    grants: empty for those of the last key of the name. ends: when older keys of the name end, None if they stay.
    file: where the key itself goes; None if it is shown.
    """

    name: str
    grants: tuple[Grant, ...]
    now: int
    expires: int | None = None
    ends: int | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The new entry, the key, and what has become of the older keys of the name."""

    entry: KeyEntry
    key: Secret
    older: Entries


def make_key(path: Path, wanted: Wanted) -> Made:
    """A key whose entry is in the file of keys at that path, and that is in the file that was wanted.

    Where it raises nobody has the key; its entry may be there, if the disk failed behind it.
    UserError P113 where it is not said what the key may, P114 for a bad name; what `change_keys` raises.
    """
    if not NAME.fullmatch(wanted.name):
        hint = "such as `ci` or `shop-eu`"
        raise UserError(Problem("P114", f"`NAME`: the name of a key is {NAME.pattern}", _WHERE, hint))
    made: list[Made] = []

    def change(before: Entries) -> Entries:
        entry, key = _new(before, wanted)
        after = added(before, entry, wanted.ends)
        if wanted.file is not None:  # first: a file with a key that is not taken is better than a key that nobody has
            _write_new(wanted.file, key)
        made.append(Made(entry, key, tuple(one for one in after if one.name == entry.name and one != entry)))
        return after

    try:
        change_keys(path, change)
    except BaseException:
        if made and wanted.file is not None:
            wanted.file.unlink(missing_ok=True)
        raise
    return made[0]


def _new(before: Entries, wanted: Wanted) -> tuple[KeyEntry, Secret]:
    last = newest(before, wanted.name)
    grants = wanted.grants or (last.grants if last else ())
    if not grants:
        what = f"`--scope` is missing: `{wanted.name}` has no key yet whose scopes it could have"
        scopes = ", ".join(f"`--scope {one}`" for one in SCOPES)
        raise UserError(Problem("P113", what, _WHERE, f"{scopes}, or for some endpoints only `--scope infer:churn-*`"))
    taken = {one.id for one in before}
    id_ = next(one for one in iter(new_id, "") if one not in taken)
    key = new_key(id_)
    return KeyEntry(id_, wanted.name, hash_of(key), grants, wanted.now, wanted.expires), Secret(key)


def _write_new(path: Path, key: Secret) -> None:
    """The key into a file that was not there; OutsideError P126 for one that was, or that cannot be made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(f"{key.reveal()}\n")
                file.flush()
                os.fsync(handle)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
    except OSError as error:
        what = f"`{path}` cannot be made: {(error.strerror or str(error)).lower()}"
        raise OutsideError(Problem("P126", what, "--to")) from None
