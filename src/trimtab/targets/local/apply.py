"""Brings the server of one endpoint to what is wanted; whatever was left half done by others is put right first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trimtab.bundle.firstload import first_load
from trimtab.bundle.store import Store
from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, RefusedError, TrimtabError, UserError
from trimtab.targets.faults import did_not_come_up, no_answer
from trimtab.targets.local.claim import claimed_by
from trimtab.targets.local.files import SETTINGS, Files, alias_of, digest_of
from trimtab.targets.local.leave import end_of
from trimtab.targets.local.place import Place
from trimtab.targets.local.seat import Hello, SilentError
from trimtab.targets.local.start import start, start_again
from trimtab.targets.target import Tell

__all__ = ["Applying"]

_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Applying:
    """One apply, with the place locked. environ: of a server that is started.

    patience_s: for it to become ready.
    """

    place: Place
    files: Files
    store: Store
    tell: Tell
    environ: Mapping[str, str]
    patience_s: float

    def bring(self, wanted: Deployment) -> None:
        """Returns when all of it answers; what answered before stays where it does not come up."""
        self._can_be(wanted)
        self._must_be_ours(wanted)
        try:
            self._bring(wanted)
        except SilentError:
            what = "a server there takes connections at its seat and does not say a word"
            raise no_answer(what, str(self.place.folder), f"`{self.place.folder}/server.log` has its words") from None

    def _bring(self, wanted: Deployment) -> None:
        self._settle()
        running = self._running()
        files = self.files.all(wanted)
        if self._is(running, wanted, files):
            if self.place.live != wanted or self.place.wanted is not None:
                self.place.end(wanted)
            return
        self.place.begin(wanted)
        if running is not None and running.settings == digest_of(files[SETTINGS]):
            self._prove(wanted)
            self._renew(running, wanted)
            self.place.write(files)
        else:
            self._prove(wanted)
            self._replace(running, wanted, files)
        self.place.end(wanted)

    def _is(self, running: Hello | None, wanted: Deployment, files: Mapping[str, str]) -> bool:
        """Whether there is nothing to do but to write it down."""
        if running is None or running.settings != digest_of(files[SETTINGS]) or running.unfit:
            return False
        served = running.models.get(wanted.name) == wanted.bundle == self._pointed(wanted)
        beside = wanted.challenger in ("", self.place.live.challenger if self.place.live is not None else "")
        return served and beside and all(self.place.read(name) == text for name, text in files.items())

    def _can_be(self, wanted: Deployment) -> None:
        """UserError for a bundle that is not here or has another name, and for every secret that is missing."""
        where = f"[env.{wanted.environment}]"
        problems: list[Problem] = []
        for digest in filter(None, (wanted.bundle, wanted.challenger)):
            name = self.store.resolve(digest).name
            if name != wanted.name:
                what = f"the bundle `{digest[:15]}` has the name `{name}`, the endpoint `{wanted.name}`"
                problems.append(Problem("P505", what, where, "a server answers under the name of the bundle"))
        for secret in wanted.secrets:
            kind, _, rest = secret.source.partition(":")
            missing = {"env": rest not in self.environ, "file": not (self.files.root / rest).is_file()}.get(kind, False)
            if missing:
                what = f"the secret `{secret.name}` is not to be had: there is no `{secret.source}`"
                hint = f"`export {rest}=...` where this is run" if kind == "env" else f"write it to `{rest}`"
                problems.append(Problem("P506", what, f"{where} secrets.{secret.name}", hint))
        if problems:
            raise UserError(*problems)

    def _must_be_ours(self, wanted: Deployment) -> None:
        """UserError P508 where another project has released to an endpoint of that name, with the same store."""
        other = claimed_by(self.store.root, self.place)
        if other is not None:
            what = f"`{wanted.name}` in `{wanted.environment}` of this store is another project's: {other}"
            hint = "a store of its own, `--store DIR`; or another name of the environment"
            raise UserError(Problem("P508", what, str(self.store.root), hint))

    def _prove(self, wanted: Deployment) -> None:
        """A challenger answers its golden rows, in a process of its own: the server loads it when a flight begins."""
        if not wanted.challenger:
            return
        bundle = self.store.resolve(wanted.challenger)
        self.tell("proving", f"{wanted.challenger[:15]} beside {wanted.bundle[:15]}")
        try:
            why = bundle.untried or first_load(bundle)
        except RefusedError as error:
            why = "; ".join(problem.what for problem in error.problems)
        if why:
            self.place.end(None)
            what = f"the challenger `{wanted.challenger[:15]}` did not come up: {why}"
            raise did_not_come_up(what, str(self.place.folder))

    def _settle(self) -> None:
        """A server that was to take over when its apply was killed: it has, or it goes."""
        there = self.place.seat.hello(self.patience_s)
        coming = self.place.coming.hello(self.patience_s)
        if coming is not None and there is None:
            self.place.take_over()
        for seat in (self.place.coming, self.place.leaving):
            end_of(seat, self.patience_s)

    def _running(self) -> Hello | None:
        return self.place.seat.hello(_WAIT_S)

    def _pointed(self, wanted: Deployment) -> str:
        try:
            return self.store.pointed(wanted.name, alias_of(wanted.environment))
        except TrimtabError:
            return ""

    def _point(self, wanted: Deployment, digest: str) -> None:
        alias = alias_of(wanted.environment)
        if not digest:
            self.store.untag(wanted.name, alias)
        elif self._pointed(wanted) != digest:
            self.store.tag(wanted.name, alias, digest)

    def _renew(self, running: Hello, wanted: Deployment) -> None:
        """The server that runs takes the bundle on, beside what it serves, and changes over."""
        before = running.models.get(wanted.name, "")
        self._point(wanted, wanted.bundle)
        if before == wanted.bundle:
            return
        self.tell("loading", f"{wanted.bundle[:15]} beside {before[:15] or 'nothing'}")
        try:
            told = self.place.seat.load(wanted.name, self.patience_s)
        except SilentError:
            told = None
        if told is None or told.problems:
            self._point(wanted, before)
            self.place.end(None)
            why = "; ".join(problem.what for problem in told.problems) if told else "it has not become ready in time"
            raise did_not_come_up(f"the bundle `{wanted.bundle[:15]}` did not come up: {why}", str(self.place.folder))
        self.tell("answers", wanted.bundle[:15])

    def _replace(self, running: Hello | None, wanted: Deployment, files: Mapping[str, str]) -> None:
        """A new server with the sockets of the one that runs, which leaves when the new one is ready."""
        if running is not None and running.flights:
            what = "a flight is on, and other settings need another server"
            hint = f"`trimtab flights end` ends it, at the control plane of `{wanted.name}`"
            raise RefusedError(Problem("P507", what, str(self.place.folder), hint))
        before = {name: self.place.read(name) for name in files}
        pointed = self._pointed(wanted)
        self.place.write(files)
        self._point(wanted, wanted.bundle)
        self.tell("starting", f"a server with {wanted.bundle[:15]}")
        supervised = running is not None and running.supervised
        if supervised:
            why = start_again(self.place.seat, digest_of(files[SETTINGS]), self.patience_s)
        else:
            why = start(self.place, self.files, wanted, self.environ, self.patience_s)
        if why:
            self.place.write({name: text for name, text in before.items() if text is not None})
            self._point(wanted, pointed)
            self.place.end(None)
            end_of(self.place.coming, _WAIT_S)
            if running is None and self.place.live is None:
                self.place.clear()
            log = f"`{self.place.folder}/server.log` has its words"
            hint = "`ss -ltnp` says who has the port" if "error[P304]" in why else log
            raise did_not_come_up(f"the server did not become ready: {why}", str(self.place.folder), hint)
        if not supervised:
            self.place.take_over()
            end_of(self.place.leaving, self.patience_s)
        self.tell("answers", f"{wanted.bundle[:15]} at {wanted.host}:{wanted.port}")
