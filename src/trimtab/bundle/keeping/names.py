"""The names of a store: `names/<name>/<alias>` is a text file holding the digest that the alias points at."""

from __future__ import annotations

from pathlib import Path

from trimtab.bundle.incoming import write_synced
from trimtab.bundle.keeping.history import remember
from trimtab.bundle.manifest import NAME
from trimtab.bundle.reference import DIGEST
from trimtab.core.errors import Problem, UserError, did_you_mean

__all__ = ["Names"]


class Names:
    """Aliases of all bundles of a store; what is written needs the store's lock."""

    def __init__(self, root: Path) -> None:
        """root: the store's folder."""
        self.root = root
        self._folder = root / "names"

    def has(self, name: str) -> bool:
        """Whether some bundle had the name."""
        return (self._folder / name).is_dir()

    def point(self, name: str, alias: str, digest: str) -> None:
        """Let `name:alias` point at the digest from now on; both words are checked. What it was before is noted first.

        The note comes first: a crash in between leaves a line too many, never one too few.
        """
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / alias
        before = [path.read_text().strip()] if path.is_file() else []
        remember(self.root, name, alias, [*filter(DIGEST.fullmatch, before), digest])
        write_synced(path, f"{digest}\n")

    def forget(self, name: str, alias: str) -> None:
        """Let `name:alias` point at nothing; what it pointed at stays in the history."""
        if NAME.fullmatch(name) and NAME.fullmatch(alias):
            (self._folder / name / alias).unlink(missing_ok=True)

    def aliases(self) -> dict[str, tuple[str, ...]]:
        """By digest, the aliases that point at it, in the order of names."""
        found: dict[str, tuple[str, ...]] = {}
        for path in sorted(self._folder.glob("*/*")):
            if NAME.fullmatch(path.name):
                digest = path.read_text().strip()
                found[digest] = (*found.get(digest, ()), path.name)
        return found

    def known(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(sorted(path.name for path in self._folder.glob("*") if NAME.fullmatch(path.name)))

    def pointed(self, name: str, alias: str) -> str:
        """The text in the alias's file; P230 names what is near where there is no such name or alias."""
        folder = self._folder / name
        if not NAME.fullmatch(name) or not folder.is_dir():
            what = f"there is no bundle `{name}`"
            raise UserError(Problem("P230", what, str(self.root), did_you_mean(name, self.known())))
        if not NAME.fullmatch(alias) or not (folder / alias).is_file():
            known = [path.name for path in folder.iterdir() if NAME.fullmatch(path.name)]
            what = f"bundle `{name}` has no alias `{alias}`"
            raise UserError(Problem("P230", what, str(self.root), did_you_mean(alias, known)))
        return (folder / alias).read_text().strip()
