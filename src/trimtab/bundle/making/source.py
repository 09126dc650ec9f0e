"""Where a bundle comes from: the git commit of the project and the digests of the data it was trained on."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Commit", "commit_of", "data_digests", "digest_of"]

_OURS: Final = (":(exclude,top,glob)**/requirements.lock", ":(exclude,top,glob)**/.trimtab/**")
_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit a folder stands at, empty outside of git, and whether tracked files differ from it."""

    name: str = ""
    dirty: bool = False


def commit_of(root: Path) -> Commit:
    """The commit of the repository that holds the folder.

    Files that git does not track do not count, nor does what packaging itself writes: packaging twice must not differ.
    No git, no repository, or one that git will not read for this user: no commit.
    """
    name = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not name:
        return Commit()
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ":/", *_OURS)
    return Commit(name.strip(), bool(changed))


def _git(root: Path, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def digest_of(path: Path) -> str:
    """The sha256 of a file in hex, or of a folder: over the sorted relative names and digests of its files."""
    if path.is_dir():
        lines = [
            f"{file.relative_to(path).as_posix()} {digest_of(file)}\n" for file in path.rglob("*") if file.is_file()
        ]
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_digests(paths: Iterable[Path], root: Path) -> dict[str, str]:
    """Digests of data files by their place in the project, or by their bare name when they lie outside of it."""
    root = root.resolve()
    digests = {}
    for path in paths:
        real = path.resolve()
        name = real.relative_to(root).as_posix() if real.is_relative_to(root) else path.name
        digests[name] = digest_of(real)
    return dict(sorted(digests.items()))
