"""The two revisions of an endpoint in one serving process, and which of them answers a request.

Where no flight is on, an endpoint has no arms, and a request pays one look for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from trimtab.bundle.predictor import Outputs
from trimtab.core.check import SignatureError
from trimtab.core.dtypes import DTYPES
from trimtab.core.table import Column
from trimtab.core.traffic import ARMS, Arm, Split, Traffic, point_of
from trimtab.server.faults import Headers, refused
from trimtab.server.flights.page import Course, Page
from trimtab.server.flights.tally import Layout, Tally

if TYPE_CHECKING:
    from trimtab.server.dataplane import InferRequest
    from trimtab.server.endpoint import Endpoint
    from trimtab.server.flights.shadow import Shadow
    from trimtab.server.guard.principal import Principal

__all__ = ["ARM_HEADER", "REVISION_HEADER", "Arms", "Asked", "Turn", "everything"]

ARM_HEADER: Final = b"x-trimtab-arm"
REVISION_HEADER: Final = b"x-trimtab-revision"
_SHOWN: Final = 100
_FAILED: Final = 400
_LEFT: Final = 499
_BROKEN: Final = 500
_LATE: Final = 10.0  # times
_LATE_S: Final = 2.0
_LEFT_S: Final = 0.5  # after which it is no whim of its caller's not to wait any longer
_FADES: Final = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, by what decides who answers it. principal: empty where nobody is asked who he is.

    revision: the one that the request names, None for none.
    """

    request: InferRequest
    id: str
    principal: str
    headers: Mapping[bytes, bytes]
    revision: Endpoint | None = None


class Turn:
    """One request of a flight: which arm it has, how likely that was, and what came of it."""

    __slots__ = (
        "_arms", "_mirrors", "_refused", "arm", "counted", "endpoint", "outputs", "probability", "request", "since",
    )  # fmt: skip

    def __init__(
        self, arms: Arms, arm: Arm, probability: float, request: InferRequest, *, counted: bool, mirrors: float = 0.0
    ) -> None:
        """counted: it is evidence. mirrors: how likely it was that the challenger is asked too; 0 where it is not."""
        self._arms = arms
        self.arm: Arm = arm
        self.endpoint = arms.challenger if arm == "challenger" else arms.champion
        self.probability, self.counted = probability, counted
        self.request = request if arm == "champion" else replace(request, version=self.endpoint.version)
        self._mirrors = mirrors
        self.since = 0.0  # when somebody began to wait for its answer
        self.outputs: Outputs | None = None
        self._refused = False

    @property
    def headers(self) -> Headers:
        """What the answer says of it."""
        return ((REVISION_HEADER, self.endpoint.version.encode()),)

    def refused(self, error: Exception) -> None:
        """An error ahead of the model: what the champion takes, and the challenger does not, is an error of the arm."""
        if self.arm == "challenger" and isinstance(error, SignatureError):
            try:
                self._arms.champion.check(self.request.columns)
            except SignatureError:
                return
            self._refused = True

    def ended(self, status: int, seconds: float) -> None:
        """It has its answer; on the loop's thread, as everything that counts."""
        arms = self._arms
        arms.waiting.pop(self, None)
        if not self.counted or arms.tally is None:
            return
        late = status == _LEFT and seconds > arms.late_s(_LEFT_S)
        error = status >= _BROKEN or self._refused or late
        if error or status < _FAILED:
            arms.tally.answered(self.arm, seconds, error=error, outputs=self.outputs)
        if self.arm == "champion" and not error and status < _FAILED:
            arms.usual_s += _FADES * (seconds - arms.usual_s)

    def late(self, seconds: float) -> None:
        """It has had no answer for so long that nobody needs to see its end: an error, and counted now."""
        if self.counted and self._arms.tally is not None:
            self._arms.tally.answered(self.arm, seconds, error=True, outputs=None)
        self.counted = False

    def left(self, own_id: str, caller: Principal) -> None:
        """Its answer has left: now the challenger may be asked too."""
        shadow = self._arms.shadow
        if self._mirrors and self.outputs is not None and shadow is not None:
            shadow.offer(self.request, self.outputs, self._mirrors, own_id, caller)


class Arms:
    """Champion and challenger of one endpoint. `assign` may be called by any thread."""

    def __init__(
        self, champion: Endpoint, challenger: Endpoint, page: Page, clock: Callable[[], float] = monotonic
    ) -> None:
        """Nothing is counted before `attach`."""
        self.champion, self.challenger, self.page = champion, challenger, page
        self.layout = Layout.of(champion.signature.outputs)
        self.tally: Tally | None = None
        self.shadow: Shadow | None = None
        self.waiting: dict[Turn, None] = {}  # those that somebody waits for
        self.usual_s = 0.0  # of the champion's answers, a fading mean
        self._clock = clock
        self._number = page.number
        self._seen = self._look()

    def attach(self) -> None:
        """This process counts from now on."""
        self.tally = Tally(self.page.claim(), self.layout)

    def wait(self, turn: Turn) -> None:
        """Somebody waits for its whole answer from now on."""
        turn.since = self._clock()
        self.waiting[turn] = None

    def late_s(self, least_s: float = _LATE_S) -> float:
        """How long is far too long: ten times what the champion usually takes, and no less than this."""
        return max(least_s, _LATE * self.usual_s)

    def look(self) -> None:
        """To be called about twice a second: what hangs must not wait for its time to be over before it counts."""
        now, late_s = self._clock(), self.late_s()
        for turn in list(self.waiting):
            if now - turn.since < late_s:
                break
            self.waiting.pop(turn, None)
            turn.late(now - turn.since)

    def _look(self) -> tuple[int, Course, Traffic]:
        """The course, and what is left of it when nobody steers any more."""
        number, course = self.page.course()
        traffic = course.traffic
        return number, course, Traffic(traffic.flight, split=traffic.split)

    def now(self) -> Course:
        """Where the traffic goes at this moment; see `Course`."""
        seen = self._seen
        if self._number[0] != seen[0]:
            seen = self._seen = self._look()
        course = seen[1]
        if course.until and self._clock() >= course.until:
            return Course(seen[2])
        return course

    def revision(self, version: str) -> Endpoint:
        """The endpoint of a version that one of them has."""
        return self.challenger if version in self.challenger.versions else self.champion

    def picked(self, headers: Mapping[bytes, bytes], revision: Endpoint | None) -> Arm | None:
        """The arm that the request asks for by name, which not everybody may; UserError P366 for one that is none."""
        said = headers.get(ARM_HEADER)
        if said is not None:
            arm = next((arm for arm in ARMS if said == arm.encode()), None)
            if arm is None:
                what = f"`{said[:_SHOWN].decode('latin-1')}` is no arm"
                raise refused("P366", what, "header `x-trimtab-arm`", "`champion` or `challenger`")
            return arm
        return "challenger" if revision is self.challenger else None

    def assign(self, asked: Asked, picked: Arm | None) -> Turn:
        """Who answers, for a request that picked an arm or did not."""
        request, course = asked.request, self.now()
        if picked is not None or asked.revision is not None:
            return Turn(self, picked or "champion", 1.0, request, counted=False)
        if course.promoted:
            return Turn(self, "challenger", 1.0, request, counted=False)
        traffic = course.traffic
        if not traffic.share and not traffic.shadow:
            return Turn(self, "champion", 1.0, request, counted=True)
        if traffic.share and point_of(traffic.flight, self._key(traffic.split, asked)) < traffic.share:
            if self.challenger.state == "ready":
                return Turn(self, "challenger", traffic.share, request, counted=True)
            return Turn(self, "champion", 1.0, request, counted=False)  # it is about to be off
        # by its own id, whatever splits: a user's requests are mirrored like everybody's
        shadow = traffic.shadow
        mirrors = shadow if shadow and point_of(f"shadow {traffic.flight}", asked.id.encode()) < shadow else 0.0
        return Turn(self, "champion", 1.0 - traffic.share, request, counted=True, mirrors=mirrors)

    def _key(self, split: Split, asked: Asked) -> bytes:
        """What is hashed; the request's own id where it has none of what splits."""
        key: bytes | None = None
        match split.by:
            case "principal":
                key = asked.principal.encode()
            case "header":
                key = asked.headers.get(split.name.encode("latin-1"))
            case "column":
                key = self._first(split.name, asked.request.columns.get(split.name))
            case "request":
                pass
        return key or asked.id.encode()

    def _first(self, name: str, raw: Any) -> bytes | None:
        """The value in the first row, the same bytes in whatever dialect it came."""
        values = raw.values if isinstance(raw, Column) else raw
        field = self.champion.inputs.get(name)
        if field is None or values is None or not len(values):
            return None
        value = values[0]
        if value is None or (isinstance(raw, Column) and raw.missing is not None and raw.missing[0]):
            return None
        if isinstance(value, bytes):
            return value
        if DTYPES[field.dtype].kind == "f" and isinstance(value, int):
            value = float(value)
        return str(value).encode("utf-8", "replace")


def everything(endpoints: Mapping[str, Endpoint]) -> dict[str, Endpoint]:
    """The endpoints by name, and the challengers beside them by `NAME@VERSION`."""
    arms = {endpoint.name: endpoint.arms for endpoint in endpoints.values()}
    beside = {f"{name}@{one.challenger.version}": one.challenger for name, one in arms.items() if one is not None}
    return {**endpoints, **beside}
