"""What is known of one question while it is answered; filled in by those through whose hands it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from trimtab.bundle.predictor import Outputs, join
from trimtab.core.dtypes import Array
from trimtab.core.interactions import ANONYMOUS
from trimtab.core.table import Table
from trimtab.server.guard.principal import Principal

if TYPE_CHECKING:
    from trimtab.server.endpoint import Endpoint

__all__ = ["MOST", "Trail", "name_of"]

MOST: Final = 16 * 2**20  # bytes of the parts of one answer, about: of a longer one none are kept


def name_of(caller: Principal) -> str:
    """The caller as the journal calls it."""
    return ANONYMOUS if caller.kind == "anybody" else caller.name


class Trail:
    """One question. `table` is there when it fits the signature, `outputs` when the model has answered."""

    # of the class, until something is known: most requests leave most of it as it is
    request_id = ""  # what its caller calls it
    error = ""  # code of what went wrong
    table: Table | None = None
    outputs: Mapping[str, Array] | None = None
    parts: list[Outputs] | None = None  # of an answer that comes in parts
    ended = False  # its answer was there
    lost = False  # no record could be made of it
    arm = ""  # of a flight
    probability = 1.0  # of having been in it
    _size = 0

    def __init__(self, own_id: str, endpoint: Endpoint, dialect: str, principal: str) -> None:
        """principal: empty where nobody is asked who he is."""
        self.id = own_id
        self.endpoint = endpoint
        self.dialect = dialect
        self.principal = principal

    def flown(self, endpoint: Endpoint, arm: str, probability: float) -> None:
        """It is in a flight, and that revision answers."""
        self.endpoint, self.arm, self.probability = endpoint, arm, probability

    def hear(self, part: Outputs) -> None:
        """A part of an answer that comes in parts."""
        if self.parts is None:
            self.parts = []
        if self._size <= MOST:
            self._size += sum(_bytes_of(values) for values in part.values())
            self.parts.append(part)

    def whole(self) -> Mapping[str, Array] | None:
        """The outputs, whether they came at once or in parts; None where there are none, or more than is kept."""
        if self.parts is not None:
            return join(self.parts) if self._size <= MOST else None
        return self.outputs


def _bytes_of(values: Any) -> int:
    if values.dtype.kind == "O":
        return sum(len(value) if isinstance(value, str | bytes) else 8 for value in values.flat)
    return int(values.nbytes)
