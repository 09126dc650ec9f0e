"""Collects what is wrong with a project file, in the order of its lines."""

from __future__ import annotations

from trimtab.core.errors import Problem, UserError
from trimtab.project.lines import KeyPath, dotted, line_of, lines_of
from trimtab.project.wrong import Wrong

__all__ = ["Faults"]


class Faults:
    """The faults found so far in one file."""

    def __init__(self, file_name: str, text: str) -> None:
        """The name that messages show, and the text that lines are looked up in."""
        self._file = file_name
        self._lines = lines_of(text)
        self._found: list[tuple[int, Problem]] = []
        self._paths: set[KeyPath] = set()

    def add(self, path: KeyPath, wrong: Wrong) -> None:
        """A fault of the key at that path."""
        self._paths.add(path)
        line = line_of(path, self._lines)
        place = f"{self._file}:{line}" if line else self._file
        problem = Problem(wrong.code, wrong.what, f"{place} {dotted(path)}".rstrip(), wrong.hint)
        self._found.append((line or 0, problem))

    def add_if(self, path: KeyPath, wrong: Wrong | None) -> None:
        """The same, if there is a fault at all."""
        if wrong is not None:
            self.add(path, wrong)

    def has(self, *paths: KeyPath) -> bool:
        """Whether one of these keys is at fault; then it is not missing as well."""
        return not self._paths.isdisjoint(paths)

    def has_below(self, *paths: KeyPath) -> bool:
        """Whether one of these tables, or anything in it, is at fault."""
        return any(found[: len(path)] == path for found in self._paths for path in paths)

    def raise_any(self) -> None:
        """UserError with all of them, if there are any."""
        if self._found:
            raise UserError(*(problem for _, problem in sorted(self._found, key=lambda item: item[0])))
