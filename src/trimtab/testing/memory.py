"""A target without a platform: it keeps to everything that a target promises, in memory, and fails where it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, TypeAlias

from trimtab.core.deployment import Deployment, said_of
from trimtab.targets.faults import did_not_come_up, no_answer
from trimtab.targets.honour import ALWAYS, must_honour
from trimtab.targets.target import Rendered, Revision, State, Status, Tell
from trimtab.testing.rows import Answered

__all__ = ["Killed", "MemoryTarget", "Platform", "Step"]

# where an apply may be killed: before anything is done, with the new one beside, when it answers, before it is noted
Step: TypeAlias = str
STEPS: Final[tuple[Step, ...]] = ("begun", "beside", "answers", "noted")
_EVERY: Final = frozenset(one.name for one in fields(Deployment)) - ALWAYS


class Killed(BaseException):
    """What kill -9 would have done at this step: no handler of errors holds it up."""


Answer: TypeAlias = Callable[[str, str, bytes], Answered]


@dataclass(slots=True)
class _Place:
    """One endpoint. answers: the digest that is asked; beside: one that is not, yet."""

    live: Deployment | None = None
    wanted: Deployment | None = None
    answers: str = ""
    beside: str = ""
    share: float = 0.0


@dataclass(slots=True)
class Platform:
    """What outlives a target object, as a machine or a cluster would; two targets may share one.

    reachable: else every call is OutsideError P502. broken: digests that do not come up. dead: digests that came up
    and have failed since. kill_at: the step where the next apply is killed, once. log: what was done, in order.
    """

    reachable: bool = True
    broken: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    kill_at: Step = ""
    log: list[str] = field(default_factory=list)
    places: dict[tuple[str, str], _Place] = field(default_factory=dict)


def _says_so(digest: str, path: str, body: bytes) -> Answered:
    """Answers any JSON object with the digest, and nothing else."""
    try:
        wanted = json.loads(body or b"{}")
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        return Answered(400, b'{"error":"a JSON object is wanted","code":"P310"}')
    return Answered(200, json.dumps({"digest": digest, "path": path}).encode())


class MemoryTarget:
    """Keeps revisions; refuses what it does not honour; `ask` is what HTTP is to another target."""

    def __init__(
        self,
        platform: Platform | None = None,
        answer: Answer = _says_so,
        honours: Iterable[str] = _EVERY,
        keys: Iterable[str] = (),
        control: str = "",
    ) -> None:
        """answer: of a bundle's digest, a path and a body. keys: that open a deployment with `server.auth`.

        control: what `Status.control` says.
        """
        self.platform = Platform() if platform is None else platform
        self._answer, self._honours, self._keys = answer, frozenset(honours), frozenset(keys)
        self._control = control

    @property
    def honours(self) -> frozenset[str]:
        """See `Target`."""
        return self._honours

    def render(self, wanted: Deployment) -> Rendered:
        """See `Target`: what the deployment says, as one file of JSON."""
        must_honour(wanted, self._honours, "memory")
        text = json.dumps(said_of(wanted), indent=2, sort_keys=True, default=str) + "\n"
        return Rendered({f"{wanted.environment}/{wanted.name}.json": text})

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        """See `Target`; Killed where the platform was told so."""
        self.render(wanted)
        before = self.status(wanted.name, wanted.environment)
        if before.live == wanted and before.ready and not before.differs:
            return before
        self._must_come_up(wanted)
        place = self.platform.places.setdefault((wanted.environment, wanted.name), _Place())
        place.wanted = wanted
        self._step("begun", wanted)
        place.beside = wanted.bundle if place.answers != wanted.bundle else wanted.challenger
        self._step("beside", wanted)
        tell("beside", place.beside or wanted.bundle)
        place.answers, place.beside, place.share = wanted.bundle, wanted.challenger, 0.0
        self._step("answers", wanted)
        place.live = wanted
        self._step("noted", wanted)
        place.wanted = None
        return self.status(wanted.name, wanted.environment)

    def _must_come_up(self, wanted: Deployment) -> None:
        where = f"{wanted.environment}/{wanted.name}"
        fallen = [one for one in (wanted.bundle, wanted.challenger) if one in self.platform.broken]
        if fallen:
            whats = ", ".join(f"`{one}`" for one in fallen)
            raise did_not_come_up(f"these bundles did not come up: {whats}", where)

    def _step(self, step: Step, wanted: Deployment) -> None:
        self.platform.log.append(f"{step} {wanted.environment}/{wanted.name} {wanted.bundle}")
        if self.platform.kill_at == step:
            self.platform.kill_at = ""
            raise Killed(step)

    def _reach(self) -> None:
        if not self.platform.reachable:
            raise no_answer("the platform does not answer", "memory")

    def status(self, name: str, environment: str) -> Status:
        """See `Target`."""
        self._reach()
        place = self.platform.places.get((environment, name))
        if place is None:
            return Status()
        found = [(place.answers, 1.0 - place.share), (place.beside, place.share)]
        revisions = tuple(Revision(digest, self._state(digest), share) for digest, share in found if digest)
        return Status(place.live, revisions, self._differs(place), f"memory:{environment}/{name}", self._control)

    def _state(self, digest: str) -> State:
        return "failed" if digest in self.platform.dead else "ready"

    def _differs(self, place: _Place) -> tuple[str, ...]:
        differs = ["an apply was broken off"] if place.wanted is not None else []
        if place.live is not None and place.answers != place.live.bundle:
            differs.append(f"`{place.answers}` answers, not `{place.live.bundle}`")
        if place.live is not None and place.beside != place.live.challenger:
            differs.append(f"`{place.beside}` is beside it, not `{place.live.challenger}`")
        return tuple(differs + [f"`{one}` has failed" for one in (place.answers,) if one in self.platform.dead])

    def remove(self, name: str, environment: str) -> None:
        """See `Target`."""
        self._reach()
        if self.platform.places.pop((environment, name), None) is not None:
            self.platform.log.append(f"removed {environment}/{name}")

    def flown(self, name: str, environment: str, share: float) -> None:
        """What a flight does at the platform: the challenger answers that share; 1.0: it is promoted, alone."""
        place = self.platform.places[(environment, name)]
        if share == 1.0:
            place.answers, place.beside, place.share = place.beside, "", 0.0
        else:
            place.share = share

    def meddled(self, name: str, environment: str, digest: str) -> None:
        """What somebody does by hand: another bundle answers, and nobody has written it down."""
        place = self.platform.places[(environment, name)]
        place.answers = digest

    def ask(self, address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
        """A request to `Status.address`; OSError where nothing answers there."""
        environment, _, name = address.removeprefix("memory:").partition("/")
        place = self.platform.places.get((environment, name))
        if place is None or not place.answers or not self.platform.reachable:
            raise ConnectionRefusedError(f"nothing answers at {address}")
        if place.live is not None and place.live.server.get("auth"):
            key = (headers or {}).get("authorization", "").removeprefix("Bearer ")
            if key not in self._keys:
                return Answered(401, b'{"error":"who are you?","code":"P340"}')
        if self._state(place.answers) != "ready":
            return Answered(503, b'{"error":"not ready","code":"P316"}')
        return self._answer(place.answers, path, body)
