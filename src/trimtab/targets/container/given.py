"""Secrets on their way into containers: never in words, labels or files that stay.

podman keeps them itself, docker reads them from files in memory. A keyed digest tells whether one of them has changed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.core.replacement import Replacement
from trimtab.targets.container import commands
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.labels import REVISION, whose
from trimtab.targets.container.named import once_of
from trimtab.targets.container.service import Service
from trimtab.targets.container.wants import place_of

__all__ = ["MEMORY", "forget", "give", "seal_of", "values_of"]

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of memory on every Linux; what is below it is 0700
_DIGITS: Final = 12


def values_of(wanted: Deployment, environ: Mapping[str, str], root: Path) -> dict[str, bytes]:
    """The secrets, and files of `[server]` that go the same way, read where they are, paths from the root on.

    UserError P524 for each that is not there, or of a kind that no engine knows.
    """
    found, faults = {}, []
    more = once_of(wanted.server)
    for one in (*wanted.secrets, *more):
        kind, _, place = one.source.partition(":")
        where = f"[env.{wanted.environment}] {'server' if one in more else f'secrets.{one.name}'}"
        if kind == "env" and place in environ:
            found[one.name] = environ[place].encode("utf-8", "surrogateescape")
        elif kind == "env":
            faults.append(Problem("P524", f"the variable `{place}` is not set", where, f"`export {place}=...`"))
        elif kind == "file":
            try:
                found[one.name] = (root / place).read_bytes()
            except OSError as error:
                what = f"`{place}` cannot be read: {(error.strerror or str(error)).lower()}"
                faults.append(Problem("P524", what, where))
        else:
            hint = "`env:NAME` or `file:PATH`"
            faults.append(Problem("P524", f"the target `container` knows no source `{kind}:`", where, hint))
    if faults:
        raise UserError(*faults)
    return found


def seal_of(values: Mapping[str, bytes], folder: Path) -> str:
    """Another text where a value is another; of no use to who has not the key, which the folder keeps."""
    if not values:
        return ""
    said = b"".join(b"%d:%b%d:%b" % (len(name), name.encode(), len(one), one) for name, one in sorted(values.items()))
    return hmac.new(_key(folder / "seal.key"), said, hashlib.sha256).hexdigest()


def _key(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        with Replacement(file, 0o600) as new:
            new.file.write(secrets.token_bytes(32))
            new.commit(overwrite=True)  # whoever is here is alone
        return file.read_bytes()


def give(engine: Engine, service: Service, values: Mapping[str, bytes]) -> dict[str, str]:
    """Where each secret is now, for `commands.run`. OutsideError P502."""
    kept: dict[str, str] = {}
    names = set(must(engine, commands.secrets()).lines) if values and engine.dialect == "podman" else set()
    for number, (name, value) in enumerate(sorted(values.items())):
        if engine.dialect == "podman":
            kept[name] = f"{_prefix(service)}{number}"
            if kept[name] in names:  # of an apply that was killed
                must(engine, commands.remove_secret(kept[name]))
            must(engine, commands.create_secret(kept[name]), value)
        else:
            kept[name] = str(_in_memory(service, name, value))
    return kept


def _prefix(service: Service) -> str:
    return f"trimtab-{place_of(*whose(service.labels))}-{service.labels[REVISION][:_DIGITS]}-"


def _in_memory(service: Service, name: str, value: bytes) -> Path:
    """A file that the container's user may read, in a folder that only we may enter."""
    top = MEMORY / f"trimtab-{os.getuid()}"
    top.mkdir(mode=0o700, exist_ok=True)
    if top.stat().st_uid != os.getuid() or top.is_symlink():
        raise UserError(Problem("P524", f"`{top}` is there, and is not ours", str(top), "remove it"))
    folder = top / _prefix(service)
    folder.mkdir(mode=0o755, exist_ok=True)
    with Replacement(folder / name, 0o444) as new:
        new.file.write(value)
        new.commit(overwrite=True)
    return folder / name


def forget(engine: Engine, name: str, environment: str, kept: Iterable[str] = ()) -> None:
    """No secrets of the endpoint stay but those of revisions with these digests. OutsideError P502."""
    mine = f"trimtab-{place_of(name, environment)}-"
    needed = {f"{mine}{digest[:_DIGITS]}-" for digest in kept}
    if engine.dialect == "podman":
        for one in must(engine, commands.secrets()).lines:
            if one.startswith(mine) and not one.startswith(tuple(needed)):
                must(engine, commands.remove_secret(one))
        return
    for folder in (MEMORY / f"trimtab-{os.getuid()}").glob(f"{mine}*"):
        if folder.name not in needed:
            shutil.rmtree(folder, ignore_errors=True)
