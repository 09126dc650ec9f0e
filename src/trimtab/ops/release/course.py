"""A release that is under way, to its end: do, write down, look what comes next. `release/moves.py` says what does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from trimtab.core.attestations import Attestation
from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError
from trimtab.core.verdicts import Verdict
from trimtab.ops.release.means import Means
from trimtab.ops.release.pen import LostError, take, write
from trimtab.release.history import Release, past_of, uses_of
from trimtab.release.ledger.releases import Outcome, ReleaseApplied, ReleaseEnded
from trimtab.release.moves import Flown, Move, move_of

__all__ = ["Course"]

_SAID: Final = frozenset({"P467", "P486"})  # problems that say all of it themselves


class Course:
    """Of one release, which must be ours."""

    def __init__(self, release: Release, means: Means, abandon: str = "") -> None:
        """abandon: why it is to go back, whatever else; empty if it is not."""
        self.release = release
        self.problem = Problem("P464", abandon) if abandon else None
        self._outcome: Outcome = "abandoned" if abandon else "rolled back"
        self._means, self._here, self._began = means, False, means.clock()

    def run(self) -> Release:
        """Until it has ended: as it then is. `problem` says why it went back. OutsideError: it is still under way."""
        self._say_what_is_needed()
        while self.release.ended is None:
            self._turn()
        self._say_what_is_needed()
        return self.release

    def _say_what_is_needed(self) -> None:
        """Before anything is exposed that is more than afterwards, so a kill in between takes nothing away."""
        begun, means = self.release.begun, self._means
        past = past_of(means.record.entries(), begun.environment, begun.wanted.name)
        means.need(past.environment, past.name, uses_of(past))

    def _turn(self) -> None:
        release, means = self.release, self._means
        flown = means.flights.known(release.name) if release.begun.flight else None
        fault = self.problem.what if self.problem else ""
        move = move_of(release, flown, fault, here=self._here)
        try:
            self._do(move, flown)
        except LostError:
            raise
        except (RefusedError, UserError) as error:
            if self.problem is not None:
                raise
            self.problem = _problem_of(release, error)

    def _do(self, move: Move, flown: Flown | None) -> None:
        match move:
            case "put beside":
                self._put_beside()
            case "fly":
                self._fly()
            case "note flown":
                self._note_flown(flown)
            case "apply":
                self._apply()
            case "prove":
                self._prove()
            case "go back":
                self._go_back(flown)
            case "take away":
                self._take_away()
            case _:
                assert_never(move)

    def _put_beside(self) -> None:
        """What was left by whoever was killed is taken away first: nobody here knows of a flight with it."""
        release, before = self.release, self.release.begun.before
        assert before is not None  # noqa: S101  # what is flown is flown beside something
        self._must_be_as_it_was()
        if release.takeovers:
            self._bring(before)
        self._bring(self._beside(before))
        if "beside" not in release.steps:
            self.release = write(self._means, release, ReleaseApplied(release.name, "beside"))
        self._here = True

    def _beside(self, before: Deployment) -> Deployment:
        """What is live with the challenger; with the new settings, where the live ones have no place for one."""
        wanted = self.release.begun.wanted
        beside = replace(before, challenger=wanted.bundle)
        try:
            self._means.target.render(beside)
        except UserError:
            return replace(wanted, bundle=before.bundle, challenger=wanted.bundle)
        return beside

    def _fly(self) -> None:
        self._here = False
        begun = self.release.begun
        control = self._means.target.status(begun.wanted.name, begun.environment).control
        if not control:
            what = f"the target of `{begun.environment}` has no control plane, so that nothing can be flown there"
            raise UserError(Problem("P467", what, f"[env.{begun.environment}]", "leave `flight` away"))
        self._means.flights.fly(self.release, control, self._still_there)

    def _note_flown(self, flown: Flown | None) -> None:
        assert flown is not None  # noqa: S101  # see `move_of`
        self._vouch(flown)
        note = ReleaseApplied(self.release.name, "flown", flown.flight)
        self.release = write(self._means, self.release, note)

    def _apply(self) -> None:
        self._must_be_as_it_was()
        self._bring(self.release.begun.wanted)
        self.release = write(self._means, self.release, ReleaseApplied(self.release.name, "applied"))

    def _prove(self) -> None:
        means, begun = self._means, self.release.begun
        finding = means.prove(means.target.status(begun.wanted.name, begun.environment), begun.wanted)
        means.tell(finding.name, f"{finding.verdict}  {finding.why}")
        if finding.verdict == "FAIL":
            self.problem = Problem("P464", f"release `{self.release.name}` was taken back: {finding.why}")
        else:
            self._end("released", begun.wanted, "")

    def _go_back(self, flown: Flown | None) -> None:
        if self.problem is None:
            self.problem = self._refused_by(flown)
        begun, means = self.release.begun, self._means
        sent_back = flown if flown is not None and flown.outcome and not flown.well else None
        why, flight = (sent_back.why, sent_back.flight) if sent_back else (self.problem.what, "")
        try:
            if begun.before is None:
                self._still_there()
                means.target.remove(begun.wanted.name, begun.environment)
            else:
                self._bring(begun.before)
        except LostError:
            raise
        except (RefusedError, UserError) as error:
            said = error.problems[0].what
            self._end("failed", begun.before, f"{why}; and what was live before does not come back: {said}", flight)
            place, hint = f"[env.{begun.environment}]", f"trimtab rollback {begun.environment}"
            self.problem = Problem("P468", f"{why}; what was live before does not come back: {said}", place, hint)
        else:
            self._end(self._outcome, begun.before, why, flight)

    def _take_away(self) -> None:
        begun = self.release.begun
        self._still_there()
        self._means.target.remove(begun.wanted.name, begun.environment)
        self._end("withdrawn", None, "")

    def _refused_by(self, flown: Flown | None) -> Problem:
        assert flown is not None  # noqa: S101  # without a fault, only a flight sends back
        self._vouch(flown)
        what = f"release `{self.release.name}` was rolled back by its flight: {flown.why}"
        hint = f"trimtab flights show {flown.flight} --ledger {flown.ledger}"
        return Problem("P460", what, flown.where or f"flight `{flown.flight}`", hint)

    def _vouch(self, flown: Flown) -> None:
        """How the flight came out is evidence of the bundle, for whoever reads it later."""
        begun = self.release.begun
        facts = {"flight": flown.flight, "release": self.release.name, "outcome": flown.outcome, "why": flown.why}
        against = begun.before.bundle if begun.before else ""
        verdict: Verdict = "PASS" if flown.well else "FAIL"
        now, digest, where = self._means.clock(), begun.wanted.bundle, begun.environment
        self._means.vouch(Attestation("flight", digest, verdict, now, begun.by, against, where, flown.measures, facts))

    def _end(self, outcome: Outcome, live: Deployment | None, why: str, flight: str = "") -> None:
        facts = {"seconds": round(max(self._means.clock() - self.release.began, 0.0), 3)}
        note = ReleaseEnded(self.release.name, outcome, live, why, facts, flight)
        self.release = write(self._means, self.release, note)

    def _bring(self, wanted: Deployment) -> None:
        self._still_there()
        self._means.target.apply(wanted, self._told)

    def _told(self, topic: str, text: str) -> None:
        self._means.tell(topic, text)
        self._still_there()

    def _still_there(self) -> None:
        """The lease is renewed in its second half; RefusedError P462 where somebody else has taken it over."""
        release, now = self.release, self._means.clock()
        if now < release.lease - release.lease_s / 2:
            return
        try:
            self.release = take(self._means, release)
        except OutsideError:
            if now >= release.lease:
                raise  # others may think that nobody is here any more

    def _must_be_as_it_was(self) -> None:
        """As long as nothing was done, the tag or branch must mean what it meant when it was judged."""
        if not self.release.steps:
            self._means.stands(self.release.begun.source)


def _problem_of(release: Release, error: RefusedError | UserError) -> Problem:
    """Why it goes back: what came of the first step that was refused."""
    first = error.problems[0]
    if first.code in _SAID:
        return first
    what = f"release `{release.name}` did not come up: {first.what} ({first.code})"
    return Problem("P464", what, first.where or f"[env.{release.begun.environment}]", first.hint)
