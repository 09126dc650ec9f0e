"""What would be packed: a folder that becomes a bundle is searched whole, and one secret in it refuses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trimtab.bundle.files import digest_file, walk
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.secrets.look import Budget, Found, look
from trimtab.bundle.secrets.names import secret_name
from trimtab.core.errors import Problem, UserError

__all__ = ["Searched", "never_packed", "search_stage"]

_BYTES: Final = 1 << 30  # of one file or member
_SECONDS: Final = 60.0
_MOST: Final = 100
_MARKER: Final = "`pragma: allowlist secret`"
_HINTS: Final = {
    "code": f"have the server read it from its environment; if it is none, end the line with a comment {_MARKER}",
    "golden": "leave these rows, or this column, out of the sample",
    "model": "train, or save, the model without it",
}


@dataclass(slots=True)
class Searched:
    """Files of a stage that hold no secret, by name, as they were when they were searched; `cut`: not to their end."""

    files: dict[str, FileEntry] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)


def search_stage(stage: Path, before: Searched | None = None, budget: Budget | None = None) -> Searched:
    """Search every file of the folder but those that were searched before and are the same still.

    Raises UserError with every place: P249 a secret, P250 a file that is never packed.
    """
    searched, budget = before or Searched(), budget or Budget(_BYTES, _SECONDS)
    problems: list[Problem] = []
    for entry in walk(stage):
        path = stage / entry.name
        if entry.kind != "file" or searched.files.get(entry.name) == (now := digest_file(path)):
            continue
        if kind := secret_name(entry.name, path.read_bytes):
            problems.append(never_packed(entry.name, kind, entry.name))
        problems += [_problem(found, entry.name) for found in look(path, entry.name, budget)]
        searched.files[entry.name] = now
    if problems:
        raise UserError(*_first(problems))
    searched.cut += [name for name in budget.cut if name not in searched.cut]
    return searched


def never_packed(name: str, kind: str, where: str) -> Problem:
    """A file that is not packed though the project file names it, or though something put it into the bundle."""
    hint = "take it out of `include`; what a server needs of it comes from its environment"
    return Problem("P250", f"`{name}` is never packed: {kind}", where, hint)


def _problem(found: Found, name: str) -> Problem:
    hint = _HINTS.get(name.partition("/")[0], f"take it out, or end the line with a comment {_MARKER} if it is none")
    return Problem("P249", f"{found.kind}, `{found.shown}****`, would be packed", found.where, hint)


def _first(problems: list[Problem]) -> list[Problem]:
    """So many as can be mended in one go; a hint that was given once is not given again."""
    hints: set[str] = set()
    shown = []
    for problem in problems[:_MOST]:
        hint = "" if problem.hint in hints else problem.hint
        hints.add(problem.hint)
        shown.append(Problem(problem.code, problem.what, problem.where, hint))
    if len(problems) > _MOST:
        shown.append(Problem("P249", f"{len(problems) - _MOST} more secrets would be packed"))
    return shown
