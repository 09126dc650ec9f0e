"""What is kept of interactions, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["FAULTS", "MODES", "TRUTHS", "JournalSettings", "Mode", "OnFault", "WhichTruth"]

# how much is lost, at most: `sent` what was answered in the last moments, of a process that is killed; `written`
# nothing then, and what the system has not put on the disk yet when the power goes; `synced` nothing then either
Mode: TypeAlias = Literal["sent", "written", "synced"]
# what happens to answers that cannot be written down: they leave, marked and counted, or 503 does
OnFault: TypeAlias = Literal["open", "closed"]
WhichTruth: TypeAlias = Literal["last", "first", "none"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
FAULTS: Final[tuple[OnFault, ...]] = get_args(OnFault)
TRUTHS: Final[tuple[WhichTruth, ...]] = get_args(WhichTruth)


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """The journal of a server.

    interactions, errors: shares, of answers and of failures, that are kept. keep_s, size: retention by age in seconds
    and by bytes of the whole folder; None for no limit. rotate_s: age at which a segment is ended and may be sealed.
    subject: the column that says whom a row is about, empty for none. columns: policies by column, as text; they go
    before the bundle's. truth: which of several contradicting ones counts. ship: destinations, as addresses. secret: a
    file that journals share, so that they give the same names.
    """

    folder: Path
    interactions: float = 1.0
    errors: float = 1.0
    mode: Mode = "written"
    on_fault: OnFault = "open"
    keep_s: float | None = None
    size: int | None = None
    rotate_s: float = 3600.0
    subject: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    truth: WhichTruth = "last"
    ship: tuple[str, ...] = ()
    secret: Path | None = None
