"""The seam between shipping and the kinds of destinations, and the one place that knows what carries which kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, assert_never

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.secrets import Vaults
from trimtab.journal.ship.destination import S3, AzureBlob, Destination, Kafka, LocalFolder

__all__ = ["AwayError", "Carrier", "DamagedError", "OpenCarrier", "Parcel", "Tools", "open_carrier"]


class AwayError(OutsideError):
    """The destination does not take anything, or not this file: it is tried again later."""

    def __init__(self, what: str, place: str, hint: str = "") -> None:
        """what: without anything of a secret."""
        super().__init__(Problem("P966", what, place, hint))


class DamagedError(OutsideError):
    """A sealed file cannot be read on this machine: the others are shipped all the same."""

    def __init__(self, what: str, name: str) -> None:
        """name: of the file in the journal."""
        super().__init__(Problem("P969", what, name, "`trimtab log` reads what can be read; the file stays as it is"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file on its way; it is open, so that what is sent is the version that it was opened as.

    rows_sent: those that are there of this version. note: takes down that so many are there now. time_left: seconds.
    """

    name: str
    file: BinaryIO
    size: int
    rows_sent: int = 0
    note: Callable[[int], None] = lambda _: None
    time_left: Callable[[], float] = lambda: 3600.0


class Carrier(Protocol):
    """The way to one destination; used by one thread."""

    def reach(self) -> None:
        """Returns within seconds when the destination answers; AwayError when not, or not us."""

    def send(self, parcel: Parcel) -> bool:
        """True: all of it is there, for good. False: time was up, the rest goes next time. AwayError, DamagedError."""

    def close(self) -> None:
        """Give everything back, within seconds, whatever has happened."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What carriers need of this machine.

    spool: a folder for what one of them has to remember, made when needed. known: something was shipped there before.
    """

    spool: Path
    known: bool = False
    vaults: Vaults = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


OpenCarrier: TypeAlias = Callable[[Destination, Tools], Carrier]


def open_carrier(destination: Destination, tools: Tools) -> Carrier:
    """Make ready to ship; UserError P965 where an extra is missing, and what `read_secret` raises."""
    match destination:
        case LocalFolder():
            from trimtab.journal.ship.local import LocalCarrier

            return LocalCarrier(destination, tools)
        case S3() | AzureBlob():
            from trimtab.journal.ship.objects import ObjectCarrier

            return ObjectCarrier(destination, tools)
        case Kafka():
            from trimtab.journal.ship.topic import TopicCarrier

            return TopicCarrier(destination, tools)
        case _:
            assert_never(destination)
