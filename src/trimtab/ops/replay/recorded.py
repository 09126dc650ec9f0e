"""What a replay needs of a journal: the seam between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FACTS", "INPUT", "KEEP", "ORDER", "OUTPUT", "OVER", "Part", "Recorded", "is_kept"]

INPUT: Final = "in_"  # before the names of inputs
OUTPUT: Final = "out_"  # before those of outputs
KEEP: Final = "keep"
OVER: Final = ", which is over"  # behind a policy whose days are over, so that nothing is left
# of each row of a request
FACTS: Final = (
    "id", "row", "time", "sampled", "status", "seconds", "rows", "principal", "dialect", "revision", "subject",
)  # fmt: skip
ORDER: Final = ("time", "id", "row")


@dataclass(frozen=True, slots=True)
class Part:
    """So many rows, of whose columns the same was kept. policies: by column, as the journal calls it."""

    rows: int
    policies: Mapping[str, str]


class Recorded(Protocol):
    """The interactions of a time, as rows of requests."""

    def endpoints(self) -> Mapping[str, int]:
        """The endpoints that were asked, and how many rows there are of each."""

    def parts(self, endpoint: str) -> Sequence[Part]:
        """What was kept of the rows of an endpoint."""

    def columns(self, endpoint: str) -> Mapping[str, Any]:
        """The columns with their Arrow types; `in_x` and `out_y` are inputs and outputs."""

    def read(self, endpoint: str, columns: Sequence[str], ids: pa.Array | None = None) -> pa.Table:
        """Those columns of the rows, of the interactions named if any are, sorted by `ORDER`.

        What a part has not kept is null.
        """


def is_kept(policy: str) -> bool:
    """Whether a column of that policy is what was asked: kept, for a time or for good."""
    return policy.split(maxsplit=1)[:1] == [KEEP] and not policy.endswith(OVER)
