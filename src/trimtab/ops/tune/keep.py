"""Replaces a file that a person wrote: as a whole or not at all, with the rights that it had."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from trimtab.core.errors import OutsideError, Problem

__all__ = ["replace_file"]


def replace_file(path: Path, text: str) -> None:
    """Write the text in its place; a link stays one. Raises OutsideError (P807)."""
    real = path.resolve()
    draft = real.with_name(f".{real.name}.draft")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(real, draft)
        draft.replace(real)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutsideError(Problem("P807", f"`{path.name}` cannot be written: {error.strerror}", str(path))) from None
