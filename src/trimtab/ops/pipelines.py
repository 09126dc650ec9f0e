"""Where a pipeline's file lies in the repository, what is there, and the file that is written in its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError
from trimtab.core.replacement import Replacement
from trimtab.release.pipeline.render import difference, is_rendered
from trimtab.release.pipeline.wishes import PATHS, Kind

__all__ = ["Written", "below_root", "compare", "differs", "root_of", "write"]

_LARGEST: Final = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file. how: `written`, or `same` where it was so already."""

    path: Path
    how: str


def root_of(folder: Path) -> Path:
    """The repository's root, which the services look for their files in; the folder itself outside of git."""
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def below_root(folder: Path, root: Path) -> str:
    """The project's folder as it is named from the root; empty for the root."""
    plain = folder.absolute().relative_to(root).as_posix()
    return "" if plain == "." else plain


def compare(kind: Kind, root: Path, wanted: str) -> str:
    """The unified diff of the file there to what would be rendered; empty where they are the same."""
    return difference(_text(root / PATHS[kind]) or "", wanted, PATHS[kind])


def differs(diffs: dict[Kind, str]) -> RefusedError:
    """P497, for each file that differs."""
    hint = "`trimtab pipeline` writes it anew"
    what = "the file differs from what trimtab.toml would be rendered to"
    return RefusedError(*(Problem("P497", what, PATHS[kind], hint) for kind in diffs))


def write(kind: Kind, root: Path, wanted: str, *, force: bool) -> Written:
    """The file, whole or not at all. UserError P498 where one is that somebody else wrote; OutsideError P498."""
    path = root / PATHS[kind]
    found = _text(path)
    if found == wanted:
        return Written(path, "same")
    if found is not None and not is_rendered(found) and not force:
        what = f"`{PATHS[kind]}` is there, and not rendered by trimtab"
        raise UserError(Problem("P498", what, str(path), "move it away, or `trimtab pipeline --force`"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Replacement(path) as new:
            new.file.write(wanted.encode())
            new.commit(overwrite=True)
    except OSError as error:
        raise OutsideError(Problem("P498", f"the file cannot be written: {error.strerror}", str(path))) from None
    return Written(path, "written")


def _text(path: Path) -> str | None:
    """What is there; None for nothing. A file that is no text is one that somebody else wrote."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode(errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideError(Problem("P498", f"the file cannot be read: {error.strerror}", str(path))) from None
