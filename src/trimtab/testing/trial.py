"""A target under check: what is done to it, and what must hold whenever that is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from trimtab.core.deployment import Deployment
from trimtab.targets.target import Status, Target
from trimtab.testing.callers import Callers
from trimtab.testing.rows import Answered
from trimtab.testing.target import TargetCase

__all__ = ["Trial", "must"]


def must(holds: object, why: str) -> None:
    """AssertionError with the reason where it does not hold; also where asserts are left out."""
    if not holds:
        raise AssertionError(why)


@dataclass(frozen=True, slots=True)
class Trial:
    """A target under check; every call is made by another object, as by another process."""

    make: Callable[[], Target]
    case: TargetCase

    def apply(self, wanted: Deployment) -> Status:
        """Apply; what it returns is what `status` says."""
        got = self.make().apply(wanted, lambda *_: None)
        found = self.status()
        must(got == found, f"apply returned {got}, status says {found}")
        must(found.live == wanted, f"live is {found.live}, applied was {wanted}")
        must(found.ready, f"it returned, and is not ready: {found.revisions}")
        must(not found.differs, f"it differs from what was applied: {found.differs}")
        shares = {one.bundle: one.share for one in found.revisions if one.share}
        must(shares == {wanted.bundle: 1.0}, f"requests are answered by {shares}")
        return found

    def status(self) -> Status:
        """What runs."""
        return self.make().status(self.case.one.name, self.case.one.environment)

    def ask(self, body: bytes, headers: Mapping[str, str] | None = None, name: str = "", at: str = "") -> Answered:
        """One request of the protocol. at: the address; what `status` says now, if not said."""
        path = f"/v2/models/{name or self.case.one.name}/infer"
        return self.case.ask(at or self.status().address, path, body, headers or {})

    def answers(self, digest: str, headers: Mapping[str, str] | None = None, at: str = "") -> None:
        """The golden rows of the bundle are answered, by it. at: see `ask`."""
        answered = self.ask(self.case.rows[digest].request, headers, at=at)
        must(answered.status == HTTPStatus.OK, f"golden rows of {digest[:15]} are answered {answered}")
        fault = self.case.rows[digest].fault(answered.body)
        must(not fault, f"golden rows of {digest[:15]}: {fault}")

    def while_asked(self, wanted: Deployment) -> None:
        """Apply while callers ask: each is answered as what ran answers, or as what runs."""
        case, request = self.case, self.case.rows[self.case.one.bundle].request
        both = [rows for rows in case.rows.values() if rows.request == request]
        address, path = self.status().address, f"/v2/models/{case.one.name}/infer"

        def ask() -> tuple[str, str]:
            answered = case.ask(address, path, request, {})
            right = answered.status == HTTPStatus.OK and any(not rows.fault(answered.body) for rows in both)
            return ("answered", "") if right else ("", f"status {answered.status}: {answered.body[:200]!r}")

        with Callers(ask) as callers:
            self.apply(wanted)
        total = callers.answers.total() + callers.faults.total()
        must(
            not callers.faults,
            f"{callers.faults.total()} of {total} requests failed: {callers.faults.most_common(3)}",
        )
