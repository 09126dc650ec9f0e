"""Thirty pairs of people release at once, into one record, from two clones; in every third pair one is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict

import pytest
from tests.doubles.clones import clone, git, pair
from tests.doubles.filed import FiledTarget

from trimtab.release.history import pasts_of
from trimtab.release.ledger.releases import ReleaseBegun, ReleaseEnded, ReleaseTaken, note_of
from trimtab.release.record.git import GitRecord
from trimtab.release.record.tip import Tip
from trimtab.release.record.wanted import wanted_in
from trimtab.release.source.git import Git

PAIRS = 30
KILLED = set(range(2, PAIRS, 3))


class Raced:
    """What was left behind when all had ended."""

    def __init__(self, root, folder):
        self.remote, mine = pair(folder)
        git(self.remote, "config", "receive.autogc", "false")
        clones = [mine, clone(self.remote, folder / "other")]
        (platform := folder / "platform").mkdir()
        program = [sys.executable, "-m", "tests.doubles.racing", *map(str, clones), str(platform), str(PAIRS), "8"]
        ran = subprocess.run(program, cwd=root, capture_output=True, text=True, check=False, timeout=200)
        assert (ran.returncode, ran.stderr) == (0, "")
        self.told = [json.loads(line) for line in ran.stdout.splitlines()]
        self._settled()
        reader = clone(self.remote, folder / "reader")
        self.records = [GitRecord(Tip(Git(one), "origin", "releases")) for one in (reader, *clones)]
        self.record, self.target = self.records[0], FiledTarget(platform)
        self.entries = self.record.verify()  # one chain, and no commit did more than add to it
        self.pasts = pasts_of(self.entries)

    def _settled(self):
        """What a killed one's git still had to push has arrived."""
        tip = ""
        while (now := git(self.remote, "rev-parse", "refs/heads/releases")) != tip:
            tip = now
            time.sleep(0.5)

    def notes(self, environment):
        """Of one environment, with their times, in order."""
        found = ((entry, note_of(entry)) for entry in self.entries if entry.about == f"{environment}/churn")
        return [(entry.time, note) for entry, note in found if note is not None]


@pytest.fixture(scope="module")
def raced(root, tmp_path_factory):
    return Raced(root, tmp_path_factory.mktemp("raced"))


def test_there_is_one_order_for_all(raced):
    for record in raced.records:
        assert list(record.entries()) == list(raced.entries)
    commits = git(raced.remote, "log", "--format=%H %P", "releases").splitlines()
    assert [len(line.split()) for line in commits] == [2] * (len(commits) - 1) + [1]  # each upon the one before
    assert len(commits) == len(raced.entries) - 1  # the first has the opening with it


def test_whoever_is_told_yes_is_in_the_history_and_whoever_is_told_no_waited_for_another(raced):
    assert {(one["status"], one["code"]) for one in raced.told} <= {(0, ""), (1, "P462"), (-9, "")}
    released = {
        one.begun.wanted.bundle
        for past in raced.pasts.values()
        for one in past.releases
        if one.ended is not None and one.ended.outcome == "released"
    }
    assert {one["bundle"] for one in raced.told if one["status"] == 0} <= released
    by_pair = defaultdict(list)
    for one in raced.told:
        by_pair[one["pair"]].append(one["status"])
    assert sorted(by_pair) == list(range(PAIRS))
    assert {number for number, told in by_pair.items() if -9 in told} == KILLED
    assert not {
        number: told for number, told in by_pair.items() if 0 not in told or len(told) != 2 + (number in KILLED)
    }


def test_nothing_is_lost_each_release_begins_from_what_the_one_before_left(raced):
    assert len(raced.pasts) == PAIRS
    for past in raced.pasts.values():
        assert past.under_way is None
        live = None
        for one in past.releases:
            assert one.begun.before == live
            live = one.ended.live
        notes = [type(note) for _, note in raced.notes(past.environment)]
        turns = [kind for kind in notes if kind in (ReleaseBegun, ReleaseEnded)]
        assert turns == [ReleaseBegun, ReleaseEnded] * len(past.releases)


def test_what_runs_is_what_the_record_says_and_what_whoever_typed_it_again_wanted(raced):
    tip = raced.record.tip.look()
    last = {one["pair"]: one["bundle"] for one in raced.told if one["status"] == 0}
    for past in raced.pasts.values():
        status = raced.target.status("churn", past.environment)
        assert (status.live, status.differs, status.ready) == (past.live, (), True)
        path = f"environments/{past.environment}/churn.json"
        assert wanted_in(path, raced.record.wanted(past.environment, tip)[path]) == past.live
        if (number := int(past.environment.removeprefix("env"))) in KILLED:
            assert past.live.bundle == last[number]


def test_nobody_acts_on_what_another_has(raced):
    """Every act lies between the entry that made the environment theirs and the one that made it another's."""
    owned = defaultdict(list)
    for past in raced.pasts.values():
        for at, note in raced.notes(past.environment):
            if isinstance(note, ReleaseBegun | ReleaseTaken):
                owned[past.environment].append((at, note.owner))
            elif isinstance(note, ReleaseEnded):
                owned[past.environment].append((at, ""))
    acts = raced.target.acts()
    assert len(acts) >= 2 * PAIRS
    for act in acts:
        before = [owner for at, owner in owned[act["environment"]] if at <= act["time"]]
        assert before, act
        assert before[-1] == act["owner"], act


def test_what_a_killed_one_left_under_way_somebody_took_over(raced):
    taken = [entry for entry in raced.entries if isinstance(note_of(entry), ReleaseTaken)]
    assert len(taken) >= 2
    assert {int(entry.about[3:5]) for entry in taken} <= KILLED
