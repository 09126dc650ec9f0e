"""Commits read and made by plumbing alone: nobody's index, work tree or checked-out branch is looked at or touched."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.release.source.git import Git

__all__ = ["File", "Made", "committed", "identity", "listing", "read", "tampered"]

LARGEST: Final = 24 * 2**20  # bytes of one file; evidence in base64 is the largest
_PLAIN: Final = "100644"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a commit, by its path; blob: name of its content."""

    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that was made, and the files that it writes."""

    commit: str
    files: tuple[File, ...]


def listing(git: Git, commit: str, folder: str) -> list[File]:
    """The files below a folder of a commit, in the order of their paths; no commit has none.

    OutsideError P488 for a link, a submodule, or a file that is too long to be one of ours.
    """
    if not commit:
        return []
    done = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", folder)
    if done.status:
        raise git.fault(done, "ls-tree")
    files = []
    for line in done.out.decode(errors="surrogateescape").split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        mode, _, blob, size = facts.split()
        if mode != _PLAIN or int(size) > LARGEST:
            what = f"`{path[:100]}` is no plain file of at most {LARGEST // 2**20} MiB"
            raise OutsideError(Problem("P488", what, str(git.folder), f"git show {commit[:12]}:{path[:100]}"))
        files.append(File(path, blob))
    return files


def read(git: Git, files: Sequence[File]) -> list[bytes]:
    """Their content, in one go."""
    if not files:
        return []
    done = git.run("cat-file", "--batch", data="".join(f"{file.blob}\n" for file in files).encode())
    if done.status:
        raise git.fault(done, "cat-file")
    found, at = [], 0
    for file in files:
        end = done.out.index(b"\n", at)
        head = done.out[at:end].split()
        if len(head) != 3:  # noqa: PLR2004 # NAME missing
            raise OutsideError(Problem("P488", f"`{file.path}` is not in this repository", str(git.folder), "git fsck"))
        at = end + 1 + int(head[2])
        found.append(done.out[end + 1 : at])
        at += 1
    return found


def committed(git: Git, parent: str, files: Mapping[str, str], message: str, who: str) -> Made:
    """A commit upon that one (empty for none) with these files written, by one program. It is on no branch.

    who: as `identity` says.
    """
    blobs = [b"blob\nmark :%d\n%s" % (mark, _data(text)) for mark, text in enumerate(files.values(), 1)]
    paths = [f'M {_PLAIN} :{mark} "{_escaped(path)}"\n'.encode() for mark, path in enumerate(files, 1)]
    own, last = f"refs/trimtab/made/{secrets.token_hex(8)}", len(files) + 1
    head = f"commit {own}\nmark :{last}\nauthor {who} now\ncommitter {who} now\n".encode()
    above = f"from {parent}\n".encode() if parent else b""
    answers = "".join(f"get-mark :{mark}\n" for mark in range(1, last + 1))
    end = (
        f"{answers}reset {own}\nfrom {'0' * (len(parent) or 40)}\n\ndone\n".encode()
    )  # the ref is gone before it is there
    stream = b"".join((*blobs, head, _data(message), above, *paths, end))
    done = git.run("fast-import", "--quiet", "--done", "--date-format=now", data=stream)
    names = done.text.split()
    if done.status or len(names) != last:
        raise git.fault(done, "fast-import")
    return Made(names[-1], tuple(File(path, blob) for path, blob in zip(files, names, strict=False)))


def _data(text: str) -> bytes:
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def identity(git: Git) -> str:
    """Who commits, as `NAME <MAIL>`, as git knows them; trimtab itself on a machine where git knows nobody."""
    lines = git.run("config", "-z", "--get-regexp", r"^user\.(name|email)$").out.decode(errors="replace").split("\0")
    known = dict(line.split("\n", 1) for line in lines if "\n" in line)
    mail = known.get("user.email", "")
    name, mail = (known.get("user.name") or mail, mail) if mail else ("trimtab", "trimtab@localhost")
    return f"{_plain(name)} <{_plain(mail)}>"


def _plain(text: str) -> str:
    """Without what ends a name or an address in a commit."""
    return "".join(char for char in text if char.isprintable() and char not in "<>").strip()


def tampered(git: Git, tip: str, folder: str) -> str:
    """The latest commit up to that one that did anything but add files below the folder; empty for none."""
    history = ("log", "--first-parent", "-m", "--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=a")
    return git.ask(*history, "--format=%H", "--name-only", tip, "--", folder).partition("\n")[0]
