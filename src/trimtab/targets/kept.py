"""What was last applied, in a file: read back as it was written, or not at all."""

from __future__ import annotations

from pathlib import Path

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.core.replacement import Replacement, sync_folder
from trimtab.targets.faults import no_answer

__all__ = ["forget", "keep", "kept", "text_of", "write"]


def keep(path: Path, deployment: Deployment) -> None:
    """Write it down, whole or not at all."""
    write(path, text_of(deployment))


def text_of(deployment: Deployment) -> str:
    """All that it says, as JSON; the same text each time."""
    return msgspec.json.format(msgspec.json.encode(deployment, order="sorted"), indent=2).decode() + "\n"


def kept(path: Path) -> Deployment | None:
    """What was written down; None for nothing. OutsideError P502 for a file that says something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Deployment)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        hint = "`trimtab release` says again what shall run, once the file is removed"
        raise no_answer(f"what was last applied cannot be read: {error}", str(path), hint) from None


def forget(path: Path) -> None:
    """Write down that there is nothing."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def write(path: Path, text: str) -> None:
    """A file of text, whole or not at all."""
    with Replacement(path) as part:
        part.file.write(text.encode())
        part.commit(overwrite=True)
