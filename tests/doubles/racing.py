"""A program in which pairs of people release to an environment each, at once, from two clones of one remote.

`racing.py CLONE CLONE PLATFORM PAIRS SEED`: each process is `ops.release.release` with the record in git, the gate and
the look at the branch as they are, over a platform in files. In every third pair whoever is first to come to a certain
run of git is killed there or a moment later, with that run or without it; when both are gone, somebody types the same
again. Prints a JSON line for each process: pair, bundle, exit status (-9: killed), and the code of what was refused.
It imports once and forks, so that a process costs nothing but what it does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.doubles.filed import FiledTarget

from trimtab.core.attestations import Attestation
from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError, RefusedError, TrimtabError, UserError
from trimtab.ops.release.means import Crew, Evidenced, Means
from trimtab.ops.release.owner import alive, me
from trimtab.ops.release.plan import Wish
from trimtab.ops.release.release import release
from trimtab.release.environments import Environment, Requirement
from trimtab.release.promotion.judge import judge
from trimtab.release.promotion.values import Candidate, Finding
from trimtab.release.record.git import GitRecord, Patience
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git
from trimtab.release.source.refs import must_stand
from trimtab.release.source.source import source_of

AT_ONCE = 3  # pairs
EXITS: dict[type[TrimtabError], int] = {RefusedError: 1, UserError: 2, OutsideError: 3}


class NoFlights:
    """Obeys `Flights`: nothing is flown here."""

    def known(self, release: str) -> None:
        del release

    def fly(self, *said: object) -> Any:
        raise AssertionError(said)


@dataclass(frozen=True)
class Person:
    """Who wants a bundle in an environment."""

    clone: Path
    platform: Path
    pair: int
    bundle: str

    def wish(self) -> Wish:
        environment = Environment(f"env{self.pair:02}", branch="main", requires=(Requirement("golden"),))
        source = source_of(self.clone, "main")
        candidate = Candidate("churn", self.bundle, source.commit, source=source, by=self.bundle)
        return Wish(environment, Deployment("churn", environment.name, self.bundle), candidate)

    def means(self) -> Means:
        owner = me()
        return Means(
            record=GitRecord(Tip(Git(self.clone), "origin", "releases"), patience=Patience(tries=200)),
            target=FiledTarget(self.platform, owner, pause_s=0.005),
            flights=NoFlights(),
            judge=judge,
            evidence=lambda digest: Evidenced((Attestation("golden", digest, "PASS", time.time() - 1, signer="ann"),)),
            share=lambda _digest: None,
            stands=partial(must_stand, self.clone),
            prove=lambda _status, _wanted: Finding("golden", "PASS", "20 rows"),
            compatible=lambda _live, _new: (),
            vouch=lambda _attestation: None,
            has=lambda _digest: True,
            need=lambda _environment, _name, _uses: None,
            crew=Crew(f"person of {self.bundle[:15]}", owner, alive),
            clock=time.time,
            tell=lambda _topic, _text: None,
        )

    def promotes(self) -> int:
        """What the verb does; the exit status."""
        code = ""
        try:
            release(self.wish(), self.means())
            status = 0
        except TrimtabError as error:
            code, status = error.problems[0].code, EXITS.get(type(error), 1)
        say({"pair": self.pair, "bundle": self.bundle, "status": status, "code": code})
        return status


def say(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")  # whole, whoever else writes


@dataclass
class Doom:
    """A process may be killed at a run of git, counted from its start or from its first act; or a moment later.

    Of two, whoever takes the token first. whole: with its git, which otherwise goes on.
    """

    acted: bool
    runs: int
    wait_s: float
    whole: bool
    token: int

    def hangs(self) -> None:
        """Over this process, from now on."""
        sys.addaudithook(self._heard)

    def _heard(self, event: str, said: tuple[Any, ...]) -> None:
        if self.acted:
            self.acted = not (event == "open" and str(said[0]).endswith("/acts"))
            if self.acted or self.runs:
                return
        elif event != "subprocess.Popen":
            return
        self.runs -= 1
        if self.runs <= 0:
            with suppress(BlockingIOError):
                os.read(self.token, 1)
                threading.Thread(target=self._strike).start()

    def _strike(self) -> None:
        time.sleep(self.wait_s)
        tasks = Path("/proc/self/task").iterdir()
        gits = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
        for pid in gits if self.whole else []:
            os.kill(pid, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def run(people: list[Person], first: Callable[[], None]) -> list[int]:
    """All at once, until all have ended: how they did."""
    go = os.pipe()
    children = [start(person, go[0], first) for person in people]
    os.write(go[1], b"!" * len(people))
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    for person, status in zip(people, statuses, strict=True):
        if status < 0:
            say({"pair": person.pair, "bundle": person.bundle, "status": status, "code": ""})
    for end in go:
        os.close(end)
    return statuses


def start(person: Person, go: int, first: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.read(go, 1)
            first()
            status = person.promotes()
        except Exception:  # noqa: BLE001 # whatever it is, the test is told
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def race(clones: list[Path], platform: Path, pair: int, seed: int) -> None:
    """Both at once; where one was killed, the same again."""
    chance = random.Random(f"{seed}-{pair}")
    token = os.pipe()
    os.write(token[1], b"!")
    os.set_blocking(token[0], False)
    people = [Person(clone, platform, pair, f"sha256:{chance.getrandbits(256):064x}") for clone in clones]
    acted, turn = pair % 2 == 0, pair // 6  # 25 runs come before it acts, if nobody comes between, and 10 afterwards
    runs = 2 * turn if acted else 3 + 5 * turn
    doom = Doom(acted, runs, chance.random() * 0.03, chance.random() < 0.5, token[0])
    statuses = run(people, doom.hangs if pair % 3 == 2 else lambda: None)
    for end in token:
        os.close(end)
    for person, status in zip(people, statuses, strict=True):
        if status == -signal.SIGKILL:
            run([person], lambda: None)


def main() -> None:
    clones, platform = [Path(one) for one in sys.argv[1:3]], Path(sys.argv[3])
    pairs, seed = iter(range(int(sys.argv[4]))), int(sys.argv[5])
    take = threading.Lock()

    def races() -> None:
        while True:
            with take:
                pair = next(pairs, None)
            if pair is None:
                return
            race(clones, platform, pair, seed)

    threads = [threading.Thread(target=races) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
