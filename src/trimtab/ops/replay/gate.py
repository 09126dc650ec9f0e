"""What a replay leaves behind: a page in its place, and a word on whether the limit holds."""

from __future__ import annotations

import os
from pathlib import Path

from trimtab.core.errors import OutsideError, Problem, RefusedError
from trimtab.ops.replay.report import Report, verdict
from trimtab.ops.replay.words import between, percent, promised

__all__ = ["require", "write_page"]


def require(report: Report, limit: float) -> None:
    """RefusedError (P976) unless it is shown that at most so many decisions change."""
    answer = verdict(report.changed, limit)
    if answer == "PASS":
        return
    share = f"{percent(report.changed.value)} ({between(report.changed)}) of decisions change"
    what = f"{promised(report, limit)}: {share}"
    worst = report.groups[0].words if report.groups else ""
    hint = f"most of them where {worst}" if worst else "`--page replay.html` shows examples"
    if answer == "UNKNOWN":
        hint = "an earlier `--since` has more rows"
    raise RefusedError(Problem("P976", what, f"{report.candidate}", hint))


def write_page(path: Path, text: str) -> None:
    """The text in its place, whole or not at all, and for its owner alone; OutsideError (P977) where it cannot be."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        what = f"the page cannot be written: {error.strerror or error}"
        raise OutsideError(Problem("P977", what, str(path), "`--page` names another file")) from None
