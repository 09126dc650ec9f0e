"""One bundle behind the server: what it is called, whether it can answer, and the queue in front of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import Predictor
from trimtab.core.checker import Checker
from trimtab.core.errors import Problem
from trimtab.core.signature import Signature
from trimtab.server.batching.at_once import AtOnce
from trimtab.server.batching.batcher import Batcher
from trimtab.server.batching.call import Call
from trimtab.server.batching.curve import Curve
from trimtab.server.engines import Failed
from trimtab.server.faults import ModelError, NotReadyError, OverloadedError
from trimtab.server.workers.codec import pack_table

if TYPE_CHECKING:
    from trimtab.server.express.reading import Reading
    from trimtab.server.flights.arms import Arms

__all__ = ["Endpoint", "ServedBundle", "State"]

State: TypeAlias = Literal["loading", "ready", "unfit"]
_VERSION_LENGTH: Final = 12
_STRIKES: Final = 2  # so often may the same rows, alone, take a worker down before they are refused
_WEIGHT: Final = {"crashed": 2, "hung": 1}  # a call whose worker died was tried twice
_POISONS: Final = 1024


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

    @property
    def inline(self) -> bool:
        """Whether its predictor is native code all through, so that it may run in the serving process."""

    def load(self) -> Predictor:
        """The predictor; may take long."""

    def golden(self) -> Golden | None:
        """The golden rows, if there are any."""

    def privacy(self) -> Mapping[str, str]:
        """What may be kept of its columns, by name, as its packaging found."""


class Endpoint:
    """A name that answers, and whether it can; `reason` says why not."""

    def __init__(self, name: str, bundle: ServedBundle) -> None:
        """Nothing is loaded yet."""
        self.name = name
        self.bundle = bundle
        self.digest = bundle.digest
        self.hex = bundle.digest.removeprefix("sha256:")
        self.version = self.hex[:_VERSION_LENGTH]
        self.flavour = bundle.manifest.flavour
        self.signature = bundle.signature
        self.check = Checker(bundle.signature)
        self.inputs = {field.name: field for field in bundle.signature.inputs}
        self.outputs = {field.name: field for field in bundle.signature.outputs}
        self.state: State = "loading"
        self.reason = "still loading"
        self.golden: Golden | None = None
        self.curve = Curve()
        self.threads: Mapping[str, int] = {}  # of each native pool, where the model runs
        self.yields = False  # it answers part by part where that is asked for
        self.batcher: Batcher | None = None
        self.at_once: AtOnce | None = None  # what is quick goes ahead of the queue
        self.reading: Reading | None = (
            None  # of what says the same as others did, but for its numbers: ahead of all that
        )
        self.aside: Batcher | None = None  # for what nobody waits for, where that is another queue
        self.arms: Arms | None = None  # while a flight is on, of either arm
        self.notes: dict[object, Any] = {}  # what readers of requests have found out of it, each under a key of his own
        self._poisons: OrderedDict[bytes, int] = OrderedDict()

    @property
    def versions(self) -> tuple[str, ...]:
        """What a route may call this revision."""
        return (self.version, self.hex, self.digest)

    def of(self, version: str) -> Endpoint:
        """Whichever has the version, this one or its other arm."""
        return self if self.arms is None or version == self.version else self.arms.revision(version)

    def found(self, unfit: str, points: Mapping[int, float]) -> None:
        """Loading has ended with this finding; see `Loaded`."""
        for rows, seconds in points.items():
            self.curve.note(rows, seconds)
        self.state, self.reason = ("unfit", unfit) if unfit else ("ready", "")

    def require_ready(self, patience_s: float | None = None) -> Batcher:
        """The queue; raises NotReadyError, and OverloadedError when a request would wait too long in it.

        patience_s: how long its caller waits, None where he does not say.
        """
        batcher = self.batcher
        if self.state != "ready" or batcher is None:
            raise NotReadyError(Problem("P316", f"model `{self.name}` is not ready"), self.reason)
        if batcher.full_for(inf if patience_s is None else patience_s):
            raise OverloadedError(Problem("P317", f"{batcher.waiting} requests wait for `{self.name}` already"))
        return batcher

    def submit(self, call: Call) -> None:
        """Queue the call; raises what `require_ready` raises, and ModelError for rows that took workers down before."""
        batcher = self.batcher if self.state == "ready" else None
        if batcher is None or batcher.full:
            batcher = self.require_ready()
        if self._poisons and self._poisons.get(_fingerprint(call), 0) >= _STRIKES:
            what = f"model `{self.name}` is not asked: these rows took its process down {_STRIKES} times"
            raise ModelError(Problem("P324", what))
        batcher.submit(call)

    def strike(self, call: Call, failed: Failed) -> None:
        """Remember rows that, alone, took a worker down."""
        if failed.how not in _WEIGHT:
            return
        key = _fingerprint(call)
        self._poisons[key] = self._poisons.pop(key, 0) + (1 if call.alone else _WEIGHT[failed.how])
        while len(self._poisons) > _POISONS:
            self._poisons.popitem(last=False)

    def wake(self) -> None:
        """The engine has room again."""
        if self.batcher is not None:
            self.batcher.wake()

    def plain(self, *, why: bool = True) -> Mapping[str, Any]:
        """The state as JSON-ready values; why: also the reason, which may tell what only its operators should know."""
        plain = {"version": self.version, "digest": self.digest, "ready": self.state == "ready"}
        return plain | {"reason": self.reason} if self.reason and why else plain

    def close(self) -> None:
        """Answer what waits; nothing more is taken."""
        self.state, self.reason = "unfit", "the server is being shut down"
        for batcher in (self.batcher, self.aside):
            if batcher is not None:
                batcher.close(NotReadyError(Problem("P316", f"model `{self.name}` is not ready"), self.reason))


def _fingerprint(call: Call) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    if call.table is not None:
        for piece in pack_table(call.table):
            digest.update(piece)
    return digest.digest()
