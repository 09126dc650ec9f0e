"""What is refused of a flight in the same words by whatever serves it: a server, or a router in front of some."""

from __future__ import annotations

from typing import Final

from trimtab.core.errors import UserError
from trimtab.server.faults import refused

__all__ = ["another_on", "no_challenger", "none_on", "not_ready", "one_and_the_same"]

_SHOWN: Final = 100


def none_on(endpoint: str) -> UserError:
    """P362."""
    return refused("P362", f"no flight is on at `{endpoint[:_SHOWN]}`")


def another_on(endpoint: str, flight: str) -> UserError:
    """P361 names the flight that is on."""
    hint = f"`trimtab flights show {flight}` has its state; end it first"
    return refused("P361", f"flight `{flight}` is on at `{endpoint}`", hint=hint)


def one_and_the_same(challenger: str) -> UserError:
    """P363."""
    return refused("P363", "challenger and champion are one and the same", f"`{challenger[:_SHOWN]}`")


def not_ready(flight: str, why: str, *, loading: bool) -> UserError:
    """P364. why: it is of no use, where it is not loading."""
    state = "still loading" if loading else f"of no use: {why}"
    return refused("P364", f"the challenger of flight `{flight}` is {state}")


def no_challenger(challenger: str, why: str, hint: str = "") -> UserError:
    """P363 for what is no bundle, or no revision, of the endpoint."""
    return refused("P363", f"`{challenger[:_SHOWN]}` cannot be flown: {why}", hint=hint)
