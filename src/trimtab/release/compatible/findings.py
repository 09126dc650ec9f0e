"""What a gate is told of callers who would break: a finding for each way, with both sides."""

from __future__ import annotations

from typing import Final

from trimtab.core.signature import Signature
from trimtab.release.compatible.differences import incompatibilities, sides
from trimtab.release.promotion.values import Finding

__all__ = ["findings", "unknown"]

_NAME: Final = "compatible"
_HINT: Final = "train it with the live signature, or release it under another name"


def findings(live: Signature, new: Signature) -> tuple[Finding, ...]:
    """All of them FAIL; none where every caller may go on."""
    return tuple(Finding(_NAME, "FAIL", one.why, _HINT, sides(one)) for one in incompatibilities(live, new))


def unknown(live: str, hint: str) -> tuple[Finding, ...]:
    """Where the live bundle is not to be had, nobody knows what its callers ask."""
    return (Finding(_NAME, "UNKNOWN", f"the live bundle {live[:15]} is not in the store, to be compared with", hint),)
