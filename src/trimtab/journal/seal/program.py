"""The keeper as a program: one pass over a journal, behind everybody who serves; its outcome is a line of JSON.

    python -m trimtab.journal.seal.program FOLDER [--keep SECONDS] [--size BYTES] [--ship DESTINATION]... [--parent PID]

It may be killed at any moment: the next one goes on. Exit status 3 when something needs somebody's attention.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.core.errors import TrimtabError
from trimtab.core.secrets import Vaults
from trimtab.journal.folder import open_folder
from trimtab.journal.privacy.expire import expire
from trimtab.journal.privacy.keys import retire_salts
from trimtab.journal.privacy.sweep import clean
from trimtab.journal.seal.keeper import Kept, Steps, keep_once
from trimtab.journal.seal.retention import Limits
from trimtab.journal.ship.destination import Destination
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping

__all__ = ["main", "outcome", "usual_steps"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_LAST: Final = 19  # of all processes that want the processor
_PROBLEMS: Final = 3


def main(arguments: Sequence[str], vaults: Vaults | None = None) -> int:
    """One pass; the exit status. vaults: where secrets of destinations are read from, beside `env:` and `file:`."""
    given = _parser().parse_args(arguments)
    if given.parent and not _tied_to(given.parent):
        return 0
    with suppress(OSError):
        os.nice(_LAST)
    try:
        folder = open_folder(given.folder, create=False)
        steps = usual_steps(parse_destinations(given.ship), vaults)
        told = outcome(keep_once(folder, Limits(given.keep, given.size), steps))
    except TrimtabError as error:
        told = {"problems": [asdict(problem) for problem in error.problems]}
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.flush()
    return _PROBLEMS if told["problems"] else 0


def usual_steps(destinations: Sequence[Destination] = (), vaults: Vaults | None = None) -> Steps:
    """Everything that this version of the journal does in a pass."""
    if not destinations:
        return Steps((clean, expire, retire_salts))
    return Steps((clean, expire, retire_salts), lambda folder: open_shipping(folder.path, destinations, vaults))


def outcome(kept: Kept) -> dict[str, Any]:
    """What a pass has done as plain values; of files that stay or went their number."""
    plan = kept.plan
    return {
        "busy": kept.busy,
        "sealed": {name: value for name, value in asdict(kept.sealed).items() if name != "problems"},
        "shipped": [asdict(one) for one in kept.shipped],
        "removed": asdict(kept.removed),
        "waiting": len(plan.waiting),
        "ahead": len(plan.ahead),
        "over": plan.over,
        "believed": plan.believed,
        "problems": [asdict(problem) for problem in kept.problems],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trimtab.journal.seal", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=float)
    parser.add_argument("--size", type=int)
    parser.add_argument("--ship", action="append", default=[])
    parser.add_argument("--parent", type=int, default=0)
    return parser


def _tied_to(parent: int) -> bool:
    """Whether the parent lives; from now on this process ends with it."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    return os.getppid() == parent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
