"""One bundle behind the server: loaded, replayed, warmed, measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias

from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.errors import Problem
from trimtab.core.signature import Signature
from trimtab.core.table import Table
from trimtab.server.faults import NotReadyError

__all__ = ["Endpoint", "ServedBundle", "State"]

State: TypeAlias = Literal["loading", "ready", "unfit"]
_VERSION_LENGTH: Final = 12
_WARM_CALLS: Final = 5
_SLOW: Final = 10.0  # an inline call that takes so many times the allowed cost was the last one


class _Manifest(Protocol):
    @property
    def flavour(self) -> str: ...


class ServedBundle(Protocol):
    """What the server needs of a bundle; `digest` is `sha256:<hex>`."""

    @property
    def name(self) -> str:
        """The name it was packaged under."""

    @property
    def digest(self) -> str:
        """Its digest."""

    @property
    def signature(self) -> Signature:
        """What goes in and comes out."""

    @property
    def manifest(self) -> _Manifest:
        """Of which the server reads the flavour."""

    def load(self) -> Predictor:
        """The predictor; may take long."""

    def golden(self) -> Golden | None:
        """The golden rows, if there are any."""


class Endpoint:
    """A name that answers, and whether it can; `reason` says why not."""

    def __init__(self, name: str, bundle: ServedBundle) -> None:
        """Nothing is loaded yet."""
        self.name = name
        self.digest = bundle.digest
        self.hex = bundle.digest.removeprefix("sha256:")
        self.version = self.hex[:_VERSION_LENGTH]
        self.flavour = bundle.manifest.flavour
        self.signature = bundle.signature
        self.inputs = {field.name: field for field in bundle.signature.inputs}
        self.outputs = {field.name: field for field in bundle.signature.outputs}
        self.state: State = "loading"
        self.reason = "still loading"
        self.cost_s = float("inf")
        self.golden: Golden | None = None
        self._bundle = bundle
        self._predictor: Predictor | None = None

    @property
    def versions(self) -> tuple[str, ...]:
        """What a route may call this revision."""
        return (self.version, self.hex, self.digest)

    def load(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Load, replay the golden rows, measure one row; what user code raises passes through."""
        self._predictor = predictor = self._bundle.load()
        self.golden = golden = self._bundle.golden()
        if golden is None or golden.inputs.height == 0:
            self.state, self.reason = "ready", ""  # its cost is not known, so it never runs on the event loop
            return
        difference = _replay(golden, predictor(golden.inputs))
        if difference:
            self.state, self.reason = "unfit", difference
            return
        row = golden.inputs.rows(slice(0, 1))
        self.cost_s = min(_seconds(predictor, row, clock) for _ in range(_WARM_CALLS))
        self.state, self.reason = "ready", ""

    def require_ready(self) -> Predictor:
        """The predictor; raises NotReadyError."""
        if self.state != "ready" or self._predictor is None:
            raise NotReadyError(Problem("P316", f"model `{self.name}` is not ready: {self.reason}"))
        return self._predictor

    def note(self, seconds: float, allowed_s: float) -> None:
        """A call on the event loop took this long; one that blocked it for long was the last one there."""
        if seconds > _SLOW * allowed_s:
            self.cost_s = max(self.cost_s, seconds)

    def plain(self) -> Mapping[str, Any]:
        """The state as JSON-ready values."""
        plain = {"version": self.version, "digest": self.digest, "ready": self.state == "ready"}
        return plain | {"reason": self.reason} if self.reason else plain


def _seconds(predictor: Predictor, table: Table, clock: Callable[[], float]) -> float:
    start = clock()
    predictor(table)
    return clock() - start


def _replay(golden: Golden, got: Outputs) -> str:
    """Empty when the answers are those of the training process, else the worst difference."""
    from trimtab.bundle.golden import compare

    difference = compare(golden.outputs, got, golden.rtol, golden.atol)
    if difference.ok:
        return ""
    return (
        f"golden row {difference.row} gives another `{difference.column}` than in training:"
        f" largest difference {difference.worst:g}"
    )
