"""Bundles of one project on disk, named by digest and never changed, and the names that point at them.

`bundles/sha256/<hex>/` is a bundle; its files are hard links to `blobs/sha256/<hex>`, where links can be made.
`names/<name>/<alias>` holds a digest, `history/<name>` those it held before, `needed/` what
environments hold; `measured/<hex>.json` is what a call of a
bundle costs on this machine, `untried/<hex>` why it was not loaded when it came. A folder appears under `bundles/`
complete and synced, or not at all. Work in progress lies under `incoming/`, each folder locked by the process that
fills it; what dead processes left there is swept by the next one that adds. Who has a bundle holds a lease on it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from trimtab.bundle.engines.costs import Costs, read_costs, write_costs
from trimtab.bundle.incoming import copy_bundle, exclusive, incoming_folder, seal
from trimtab.bundle.keeping.leases import Lease, take
from trimtab.bundle.keeping.names import Names
from trimtab.bundle.keeping.sharing import share
from trimtab.bundle.keeping.untried import untried
from trimtab.bundle.manifest import NAME, FileEntry
from trimtab.bundle.read import MANIFEST, Bundle, open_bundle, read_manifest
from trimtab.bundle.reference import DIGEST, Reference, parse_reference
from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.core.replacement import sync_folder

__all__ = ["LATEST", "Entry", "Store", "on_disk"]

LATEST: Final = "latest"  # the alias that a name without one means
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored bundle and the aliases that point at it; `fault` is not empty where its manifest cannot be read."""

    digest: str
    name: str
    aliases: tuple[str, ...]
    size: int
    fault: str = ""


class Store:
    """A folder of bundles; safe for any number of processes on one machine."""

    def __init__(self, root: Path) -> None:
        """`root` is made by the first bundle that is added."""
        self.root = root
        self._bundles = root / "bundles" / "sha256"
        self._names = Names(root)
        self._held: dict[str, Lease] = {}  # what was added here, until it has a name or is resolved

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder to build a bundle in, which `add` moves instead of copying; removed on leaving."""
        with ExitStack() as stack:
            with on_disk(self.root):
                inner = stack.enter_context(incoming_folder(self.root)) / "bundle"
                inner.mkdir()
            try:
                yield inner
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                with on_disk(self.root):
                    raise

    def add(self, staging: Path, ahead: Callable[[str], object] = lambda _: None) -> str:
        """Verify and keep the bundle in the folder; returns its digest. Adding what is there already changes nothing.

        A folder from `staging()` is moved, any other is copied. What is stored is read-only, whatever the umask.
        ahead: is told the digest of what was found whole, before anybody else can see it; what it raises keeps it out.
        """
        with on_disk(self.root):
            if staging.resolve().parent.parent == self.root.resolve() / "incoming":
                return self._keep(staging, {}, ahead)
            with self.staging() as inside:
                return self._keep(inside, copy_bundle(staging, inside), ahead)

    def _keep(self, staged: Path, known: Mapping[str, FileEntry], ahead: Callable[[str], object]) -> str:
        bundle = open_bundle(staged, known)
        digest = bundle.digest
        ahead(digest)
        target = self.folder(digest)
        if self._is_held(digest):
            return digest
        seal(staged)
        share(staged, bundle.manifest.files, self.root / "blobs" / "sha256")
        with exclusive(self.root):
            if target.exists():
                if self._is_held(digest):
                    return digest
                target.rename(staged.with_name("broken"))
            target.parent.mkdir(parents=True, exist_ok=True)
            self._held[digest] = Lease(staged)  # before anybody can see it: it has no name yet
            staged.rename(target)
            sync_folder(target.parent)
        return digest

    def tag(self, name: str, alias: str, digest: str) -> None:
        """Point `name:alias` at a stored bundle of that name, wherever it pointed before."""
        for kind, word in (("name", name), ("alias", alias)):
            if not NAME.fullmatch(word):
                raise UserError(Problem("P232", f"{kind} `{word}` is not {NAME.pattern}", f"`{name}:{alias}`"))
        with on_disk(self.root), exclusive(self.root):
            self._must_be(digest, name, f"`{name}:{alias}`")
            self._names.point(name, alias, digest)
        self._held.pop(digest, None)

    def untag(self, name: str, alias: str) -> None:
        """Take `name:alias` away; nothing happens where there is none."""
        with on_disk(self.root), exclusive(self.root):
            self._names.forget(name, alias)

    def _must_be(self, digest: str, name: str, where: str) -> None:
        if not DIGEST.fullmatch(digest) or not self.folder(digest).is_dir():
            raise UserError(Problem("P233", f"bundle `{digest}` is not in the store", str(self.root)))
        manifest, _ = read_manifest(self.folder(digest))
        if manifest.name != name:
            what = f"bundle `{digest}` has the name `{manifest.name}`, not `{name}`"
            raise UserError(Problem("P234", what, where))

    def has(self, name: str) -> bool:
        """Whether some bundle has the name."""
        return self._names.has(name)

    def pointed(self, name: str, alias: str) -> str:
        """The digest that `name:alias` points at; UserError where there is no such alias, or no such bundle."""
        with on_disk(self.root, "read"):
            return self._pointed(name, alias)

    def measured(self, digest: str, costs: Costs) -> None:
        """Keep what a call of a stored bundle costs on this machine; `resolve` hands it out with the bundle."""
        with on_disk(self.root), exclusive(self.root):
            write_costs(costs, self._measured(digest))

    def resolve(self, reference: str) -> Bundle:
        """The verified bundle of `name`, `name:alias`, `name@sha256:prefix`, `sha256:prefix` or a folder's path.

        A name in the store goes before a folder of that name; `./name` is always the folder. While the bundle lives,
        here or in processes forked since, nothing removes it from the store.
        """
        with on_disk(self.root, "read"):
            bundle = self._found(reference)
        self._held.pop(bundle.digest, None)  # the bundle has a lease of its own
        return bundle

    def _found(self, reference: str) -> Bundle:
        wanted = parse_reference(reference)
        if wanted is None:
            return _leased(Path(reference))
        if wanted.digits:
            return self._open(self._complete(wanted))
        if not self._names.has(wanted.name) and Path(reference, MANIFEST).is_file():
            return _leased(Path(reference))
        return self._open(self._pointed(wanted.name, wanted.alias or LATEST))

    def list(self) -> tuple[Entry, ...]:
        """All stored bundles in the order of name and digest; contents are not verified."""
        with on_disk(self.root, "read"):
            aliases = self._names.aliases()
            found = [self._entry(digest, aliases.get(digest, ())) for digest in self._digests()]
        return tuple(sorted(found, key=lambda entry: (entry.name, entry.digest)))

    def _entry(self, digest: str, aliases: tuple[str, ...] = ()) -> Entry:
        try:
            manifest, _ = read_manifest(self.folder(digest))
        except TrimtabError as error:
            return Entry(digest, "", aliases, 0, error.problems[0].what)
        return Entry(digest, manifest.name, aliases, sum(file.size for file in manifest.files.values()))

    def _open(self, digest: str) -> Bundle:
        bundle = _leased(self.folder(digest))
        if bundle.digest != digest:
            what = f"the folder of `{digest}` holds the bundle `{bundle.digest}`"
            raise UserError(Problem("P235", what, str(bundle.folder), "add the bundle again"))
        return replace(bundle, costs=read_costs(self._measured(digest)), untried=untried(self.root, digest))

    def _is_held(self, digest: str) -> bool:
        """Whether the bundle is there and sound; if so, it stays until it is named or resolved."""
        try:
            lease = self._open(digest).lease
        except UserError:
            return False
        if lease is not None:
            self._held[digest] = lease
        return True

    def folder(self, digest: str) -> Path:
        """Where a bundle of that digest is, if it is in the store."""
        return self._bundles / digest.removeprefix("sha256:")

    def _measured(self, digest: str) -> Path:
        return self.root / "measured" / f"{digest.removeprefix('sha256:')}.json"

    def _digests(self) -> tuple[str, ...]:
        names = sorted(f"sha256:{path.name}" for path in self._bundles.glob("*"))
        return tuple(name for name in names if DIGEST.fullmatch(name))

    def _pointed(self, name: str, alias: str) -> str:
        digest = self._names.pointed(name, alias)
        if not DIGEST.fullmatch(digest) or not self.folder(digest).is_dir():
            what = f"`{name}:{alias}` points at `{digest}`, which is not in the store"
            where = str(self.root / "names" / name / alias)
            raise UserError(Problem("P233", what, where, "add and tag the bundle again"))
        return digest

    def _complete(self, wanted: Reference) -> str:
        """The one digest that begins with the digits, among the bundles of that name if there is one."""
        known = [digest for digest in self._digests() if digest.startswith(f"sha256:{wanted.digits}")]
        found = [digest for digest in known if not wanted.name or self._entry(digest).name in (wanted.name, "")]
        if not found:
            raise UserError(Problem("P230", f"there is no bundle `{wanted}`", str(self.root)))
        if len(found) > 1:
            several = ", ".join(f"`{digest}`" for digest in found)
            raise UserError(Problem("P231", f"`{wanted}` may be {several}", str(self.root), "give more digits"))
        return found[0]


@contextmanager
def on_disk(root: Path, verb: str = "written") -> Iterator[None]:
    """Whatever the operating system refuses in the block is an OutsideError (P236). root: the store's."""
    try:
        yield
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else os.fspath(root)
        what = f"the store cannot be {verb}: {error.strerror or error}"
        raise OutsideError(Problem("P236", what, where)) from error


def _leased(folder: Path) -> Bundle:
    """The verified bundle in the folder, with a lease on it; P261 when it was removed meanwhile."""
    lease = take(folder)
    bundle = open_bundle(folder)
    if lease is not None and not lease.is_on(folder):
        what = f"the bundle `{bundle.digest}` was removed while it was being read"
        raise UserError(Problem("P261", what, str(folder), "name it again; `trimtab store gc` ran at the same time"))
    return replace(bundle, lease=lease)
