"""How trimtab talks: data to stdout, talk to stderr, colour only for a terminal that wants it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from trimtab.core.errors import TrimtabError

__all__ = [
    "aligned",
    "as_error_json",
    "cell",
    "complain",
    "fact",
    "harmless",
    "is_plain",
    "out",
    "out_json",
    "painted",
    "say",
    "size_text",
]


def is_plain(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream gets no colour and no moving parts: a pipe, a dumb terminal, or NO_COLOR is set."""
    return not stream.isatty() or bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"


def out(text: str) -> None:
    """One line (or block) of data, at once, so that a program that reads along sees it."""
    print(text, flush=True)  # noqa: T201  # this is the one place that prints data


def out_json(value: Any) -> None:
    """One JSON document as data, on one line."""
    out(json.dumps(value, ensure_ascii=False, allow_nan=False))


def fact(word: str, text: str) -> None:
    """A line of data in the form `word       text`."""
    out(f"{word:<10} {text}")


def say(text: str) -> None:
    """Talk: what a person wants to know and a program does not."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # this is the one place that talks


def complain(error: TrimtabError, *, as_json: bool) -> None:
    """Every problem of an error on stderr, for a person or as one line of JSON."""
    if as_json:
        say(json.dumps(as_error_json(error), ensure_ascii=False))
    else:
        text = harmless(str(error))
        say(text if is_plain(sys.stderr) else painted(text))


def harmless(text: str) -> str:
    """The text with every character escaped that a terminal would obey or hide; lines and tabs stay."""
    return "".join(one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode() for one in text)


def as_error_json(error: TrimtabError) -> dict[str, Any]:
    """The error as plain values: {"errors": [{"code", "what", "where", "hint"}], "exit": 2}."""
    keys = ("code", "what", "where", "hint")
    return {
        "errors": [{key: getattr(problem, key) for key in keys} for problem in error.problems],
        "exit": error.exit_status,
    }


def painted(text: str) -> str:
    """A message in the house form with its first words in colour."""
    text = re.sub(r"^error\[\w+\]:", "\x1b[1;31m\\g<0>\x1b[0m", text, flags=re.MULTILINE)
    return re.sub(r"^hint:", "\x1b[1;36m\\g<0>\x1b[0m", text, flags=re.MULTILINE)


def aligned(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as text: numbers to the right, two blanks between columns, null as `-`."""
    rows = [list(row) for row in rows]
    body = [[cell(value) for value in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(header), *body]) for at in range(len(header))]
    right = [all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, right, strict=True)
        )
        for line in [list(header), *body]
    ]
    return "\n".join(line.rstrip() for line in lines)


def cell(value: object) -> str:
    """One value, short: floats with six significant digits, everything else as JSON but for bare texts."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False)


def size_text(size: float) -> str:
    """Bytes as people read them: `11.4 MB`."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004  # the step from one decimal unit to the next
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
