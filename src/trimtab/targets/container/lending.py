"""Files and folders of this machine on their way into containers: copies that are kept in step, folders that are lent.

Where we are root, what is lent belongs to the container's user and is of mode 0400 or 0700. Where we are not, it is
open to everybody below the folder of the endpoint, which is ours alone.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.core.replacement import Replacement
from trimtab.targets.container.named import DATA, FRONT, KEYS, Named, fronts_of, keys_of, mounts_of
from trimtab.targets.container.service import USER

__all__ = ["clear", "copies_of", "forget_copies", "lend", "show_copies", "stale"]

_UID, _GID = map(int, USER.split(":"))
_ALL: Final = 0o007
_KEYS: Final = {"journal": "log.folder", "audit": "audit", "quotas": "limits.file"}


def _copied(wanted: Deployment) -> tuple[tuple[str, Named], ...]:
    """What lies as a copy in which folder."""
    keys, fronts = keys_of(wanted.server), fronts_of(wanted.server)
    return (*((KEYS, one) for one in keys), *((FRONT, one) for one in fronts))


def copies_of(wanted: Deployment, root: Path) -> dict[str, bytes]:
    """What the copies shall hold, by their place below the folder of the endpoint; UserError P524 for all faults."""
    found, faults = {}, []
    for folder, one in _copied(wanted):
        try:
            found[f"{folder}/{one.name}"] = (root / one.path).read_bytes()
        except OSError as error:
            what = f"`{one.path}` cannot be read: {(error.strerror or str(error)).lower()}"
            faults.append(Problem("P524", what, f"[env.{wanted.environment}] server.{one.key}"))
    if faults:
        raise UserError(*faults)
    return found


def show_copies(folder: Path, copies: Mapping[str, bytes]) -> None:
    """Writes those that say something else than before; whoever reads one meanwhile has the old one or the new one."""
    for place, data in copies.items():
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(0o755)
        if _holds(path, data):
            continue
        root = os.geteuid() == 0
        mode = 0o400 if root else 0o444
        with Replacement(path, mode) as new:
            if root:
                os.fchown(new.file.fileno(), _UID, _GID)
            os.fchmod(new.file.fileno(), mode)
            new.file.write(data)
            new.commit(overwrite=True)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def stale(live: Deployment, root: Path, folder: Path) -> tuple[str, ...]:
    """Files that have changed since containers were shown them, for people."""
    return tuple(
        f"`{one.path}` (`server.{one.key}`) is not what containers were shown"
        for place, one in _copied(live)
        if not _same(root / one.path, folder / place / one.name)
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def forget_copies(wanted: Deployment, folder: Path) -> None:
    """No copies stay but those of the deployment."""
    kept = {f"{place}/{one.name}" for place, one in _copied(wanted)}
    for path in (*folder.glob(f"{KEYS}/*"), *folder.glob(f"{FRONT}/*")):
        if f"{path.parent.name}/{path.name}" not in kept:
            path.unlink(missing_ok=True)


def lend(wanted: Deployment, folder: Path, root: Path) -> None:
    """The folders that servers write to are there, and theirs; UserError P528 for each that cannot be."""
    faults = []
    for mount in (one for one in mounts_of(wanted.server, str(folder), str(root)) if one.kept):
        path = Path(mount.source)
        try:
            why, hint = _lent(path, ours=path.is_relative_to(folder))
        except OSError as error:
            why, hint = (error.strerror or str(error)).lower(), "name a folder that can be made"
        if why:
            where = f"[env.{wanted.environment}] server.{_KEYS[Path(mount.target).name]}"
            faults.append(Problem("P528", f"containers cannot write to `{path}`: {why}", where, hint))
    if faults:
        raise UserError(*faults)


def _lent(path: Path, *, ours: bool) -> tuple[str, str]:
    """Why it cannot be lent, and what to do; empty where it is. Never touches what is in a folder already."""
    if set(str(path)) & set(',"\n'):
        return "no engine can be shown it", 'a path without `,` and `"`'
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = path.lstat()
    if not stat.S_ISDIR(about.st_mode):
        return "it is a link", "name the folder itself"
    if about.st_uid == _UID:
        return "", ""
    if os.geteuid() == 0:
        if any(path.iterdir()):
            return "it holds what is another user's", f"`chown -R {USER} {path}`, where no server here writes to it"
        os.chown(path, _UID, _GID, follow_symlinks=False)
    elif ours:
        path.chmod(0o777)  # below a folder that is ours alone
    elif about.st_mode & _ALL != _ALL:
        return "only root can give it to their user", "leave it to the target where it is: no `folder`"
    return "", ""


def clear(folder: Path) -> None:
    """All that was kept of an endpoint goes, but for what its servers have written: that is data."""
    for path in folder.glob("*"):
        if path.name != DATA:
            _gone((path,))
    if not (folder / DATA).exists():
        _gone((folder,))


def _gone(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
