"""The keys of `[server.log]`: what is kept of interactions, how safely, and for how long."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["FAULT_NAMES", "JOURNAL_KEYS", "MODE_NAMES", "TRUTH_NAMES"]

# Spelled out, as the other names are; a test compares them.
MODE_NAMES: Final = ("sent", "written", "synced")
FAULT_NAMES: Final = ("open", "closed")
TRUTH_NAMES: Final = ("last", "first", "none")
_LOG: Final = "server.log"

JOURNAL_KEYS: Final[tuple[Key, ...]] = (
    Key(
        f"{_LOG}.interactions", "number", "share of answered requests that the journal keeps; without `[server.log]` "
        "nothing is kept", default=1.0, low=0, high=1,
    ),
    Key(f"{_LOG}.errors", "number", "share of failed requests that the journal keeps", default=1.0, low=0, high=1),
    Key(
        f"{_LOG}.mode", "choice", "when an answer may leave: `sent` at once, `written` when a killed process cannot "
        "lose its record, `synced` when a power cut cannot", default="written", choices=MODE_NAMES,
    ),
    Key(
        f"{_LOG}.on_fault", "choice", "when no record can be written: `open` answers, marked and counted, `closed` "
        "answers 503", default="open", choices=FAULT_NAMES,
    ),
    Key(f"{_LOG}.folder", "text", "folder of the journal", default="journal"),
    Key(f"{_LOG}.keep", "duration", "how long records are kept; for ever if absent", low=60, example='"90d"'),
    Key(
        f"{_LOG}.size", "size", "most that the folder holds, the oldest go first; no limit if absent", low=2**20,
        example='"10GiB"',
    ),
    Key(
        f"{_LOG}.rotate", "duration", "age at which what was written becomes ready to be turned into Parquet",
        default="1h", low=1,
    ),
    Key(
        f"{_LOG}.subject", "text", "column that says whom a row is about, for `trimtab forget`", example='"customer"',
    ),
    Key(
        f"{_LOG}.truth", "choice", "which of several truths that contradict each other counts; `none` leaves such rows "
        "without", default="last", choices=TRUTH_NAMES,
    ),
    Key(
        f"{_LOG}.secret", "text", "file of a secret that the journals of several servers share, so that names in them "
        "the same", example='"journal.secret"',
    ),
    Key(
        f"{_LOG}.ship", "destinations", "where sealed records go to as well: `file:`, `s3:`, `az:`, `kafka:` or "
        "`eventhubs:` addresses", example='["s3://bucket/churn"]',
    ),
    Key(
        f"{_LOG}.columns.{ANY}", "policy", "what is kept of a column: `keep`, `keep 30d`, `drop`, `hash`, `tokenise`, "
        "`bucket 10`, `bucket month`; as its bundle says, if absent", example='"drop"',
    ),
)  # fmt: skip
