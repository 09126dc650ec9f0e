"""What is kept of a column: all of it, nothing, a name in its place, or only roughly how much."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from trimtab.core.signature import Field

__all__ = ["DROP", "KEEP", "Kind", "Policy", "Unit", "misfit", "parse_policy"]

Kind: TypeAlias = Literal["keep", "drop", "hash", "tokenise", "bucket"]
Unit: TypeAlias = Literal["day", "month", "year"]

ALLOWED: Final = (
    "`keep`, `keep 30d`, `drop`, `hash`, `tokenise`, `bucket 10` of numbers, "
    "or `bucket day`, `month` or `year` of times"
)
_UNITS: Final[dict[str, Unit]] = {"day": "day", "month": "month", "year": "year"}
_DAYS: Final = re.compile(r"([1-9][0-9]{0,4})d", re.ASCII)
_WIDTH: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?(e-?[0-9]{1,2})?", re.ASCII)
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept of a column.

    keep: every value, for `days` days if that is said. drop: nothing. hash: a name that stays the same for a month or
    so, then nobody can tell which old and new names are one. tokenise: a name that stays the same. bucket: the lower
    end of the bucket of `width` that a number lies in, or the day, month or year of a time (`unit`), in UTC.
    """

    kind: Kind
    width: float | None = None
    unit: Unit | None = None
    days: int | None = None

    def __str__(self) -> str:
        """As `parse_policy` reads it."""
        if self.days is not None:
            return f"{self.kind} {self.days}d"
        if self.width is not None:
            return (
                f"{self.kind} {self.width:.17g}" if int(self.width) != self.width else f"{self.kind} {self.width:.0f}"
            )
        return f"{self.kind} {self.unit}" if self.unit else self.kind


KEEP: Final = Policy("keep")
DROP: Final = Policy("drop")


def parse_policy(text: str) -> Policy:
    """The policy that a text names; ValueError says what is allowed."""
    match text.split():
        case ["keep"]:
            return KEEP
        case ["drop"]:
            return DROP
        case ["hash"]:
            return Policy("hash")
        case ["tokenise"]:
            return Policy("tokenise")
        case ["keep", days] if found := _DAYS.fullmatch(days):
            return Policy("keep", days=int(found[1]))
        case ["bucket", unit] if unit in _UNITS:
            return Policy("bucket", unit=_UNITS[unit])
        case ["bucket", width] if _WIDTH.fullmatch(width) and 0 < float(width) < math.inf:
            return Policy("bucket", width=float(width))
        case _:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
            raise ValueError(f"`{shown}` is no policy: {ALLOWED}")


def misfit(field: Field, policy: Policy) -> str:
    """Why a policy is none for a column of this kind; empty where it is one."""
    from trimtab.core.dtypes import is_float, is_integer  # numpy asks once how many threads it may have: not this early

    if policy.kind != "bucket":
        return ""
    if field.kind == "datetime":
        return "" if policy.unit else "a bucket of times is a `day`, a `month` or a `year`"
    if not (is_float(field.dtype) or is_integer(field.dtype)):
        what = {"BOOL": "truth values", "BYTES": "raw bytes" if field.kind == "bytes" else "text"}[field.dtype]
        return f"{what} cannot be put into buckets"
    if policy.width is None:
        return "a bucket of numbers has a width, such as `bucket 10`"
    if is_integer(field.dtype) and (policy.width < 2 or policy.width != int(policy.width)):  # noqa: PLR2004
        return "a bucket of integers is two or more wide, and a whole number"
    return ""
