"""Where a file's entries go: segments of a writer of its own, beside those of servers that may run meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.folder import Folder
from trimtab.journal.segments.files import OS, Files
from trimtab.journal.segments.records import record_frame
from trimtab.journal.segments.writer import Writer
from trimtab.journal.truth.entries import TRUTH
from trimtab.ops.truth.bring import Keep

__all__ = ["keeping"]


@contextmanager
def keeping(folder: Folder, files: Files = OS) -> Iterator[Keep]:
    """Keeps records of truth; when the block ends they survive a power cut.

    OutsideError P945 says that they may not. Where the block fails, what was kept by then stays.
    """
    writer = Writer(folder, files=files)

    def keep(records: Sequence[Mapping[str, Any]]) -> None:
        writer.write([record_frame(TRUTH.stream, record) for record in records])

    try:
        yield keep
    except BaseException:
        _close(writer)
        raise
    try:
        writer.close()
    except OSError as error:
        what = f"the entries may not survive a power cut: the system says: {error.strerror or error}"
        hint = "mend this and run it again: what is kept already counts once"
        raise OutsideError(Problem("P945", what, str(folder.path), hint)) from error


def _close(writer: Writer) -> None:
    """Beside another fault, which is the one to tell."""
    try:
        writer.close()
    except OSError:
        return
