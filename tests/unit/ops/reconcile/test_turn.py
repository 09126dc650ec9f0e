"""Real commits on a real branch, a target in memory: what a turn does, and what it never does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.doubles.clones import clone, commit, git, pair
from tests.doubles.releasing import NEW, OLD, OTHER, Port

from trimtab.ops.reconcile.turn import Reach, turn
from trimtab.ops.release.commit import by_commit
from trimtab.ops.release.plan import Wish
from trimtab.ops.release.release import release
from trimtab.release.history import past_of
from trimtab.release.ledger.releases import body_of
from trimtab.release.promotion.values import Candidate, Source
from trimtab.release.record.git import GitRecord
from trimtab.release.record.tip import Tip
from trimtab.release.record.wanted import wanted_in, wanted_path, wanted_text
from trimtab.release.source.git import Git

PATH = wanted_path("prod", "churn")


class Yard:
    """One environment that is reconciled from a clone, and another clone where people work."""

    def __init__(self, folder):
        self.remote, mine = pair(folder)
        self.folder = folder
        self.port = Port()
        self.record = GitRecord(Tip(Git(mine), "origin", "releases"), self.port.clock)
        self.brought, self.claims = [], []
        self.means = replace(self.port.means("reconciler"), record=self.record)
        self.reach = Reach(self.record, self.means, self.wish, self.brought.append)

    def wish(self, environment, wanted, claim):
        self.claims.append(claim)
        source = claim.source or Source("c1", "refs/tags/v1")
        return Wish(
            environment,
            wanted,
            Candidate("churn", wanted.bundle, source=source, by=claim.by, emergency=claim.emergency),
        )

    def ask(self, bundle=NEW, branch="", emergency="", **said):
        return by_commit(self.port.wish(bundle, emergency, **said), self.means, self.record, branch, lambda _: None)

    def turn(self, **said):
        return turn(self.port.environment, "churn", self.reach, **said)

    def merge(self, text):
        """Somebody has a change merged."""
        there = self.folder / "person"
        if not there.exists():
            clone(self.remote, there, "--branch=releases")
        git(there, "pull", "--quiet", "--ff-only")
        commit(there, PATH, text)
        git(there, "push", "--quiet", "origin", "releases")

    @property
    def live(self):
        status = self.port.target.status("churn", "prod").live
        return status and status.bundle

    @property
    def past(self):
        return past_of(self.record.entries(), "prod", "churn")

    def file(self):
        return wanted_in(PATH, self.record.wanted("prod", self.record.tip.look())[PATH])


@pytest.fixture
def yard(tmp_path):
    return Yard(tmp_path)


def test_what_a_commit_wants_is_released_by_the_way_of_any_release(yard):
    assert yard.turn().came == "same"  # nothing is wanted yet
    written = yard.ask()
    assert (yard.live, written.where, written.path, written.merged) == (None, "origin/releases", PATH, True)
    assert written.commit == git(yard.remote, "rev-parse", "releases")
    assert yard.turn().came == "released"
    assert (yard.live, yard.past.live.bundle) == (NEW, NEW)
    assert (yard.claims[0].by, yard.claims[0].source) == ("", Source("c1", "refs/tags/v1"))
    assert yard.turn().came == "same"
    assert len(yard.past.releases) == 1


def test_a_branch_is_wanted_only_when_it_is_merged(yard):
    yard.ask(OLD)
    yard.turn()
    written = yard.ask(NEW, "raise-churn")
    assert (written.where, written.merged) == ("origin/raise-churn", False)
    assert git(yard.remote, "diff", "--name-only", "releases", "raise-churn").splitlines() == [PATH]
    assert yard.turn().came == "same"
    there = clone(yard.remote, yard.folder / "person", "--branch=releases")
    git(there, "merge", "--quiet", "--no-ff", "origin/raise-churn")
    git(there, "push", "--quiet", "origin", "releases")
    assert yard.turn().came == "released"
    assert yard.live == NEW
    assert "@" in yard.claims[-1].by  # whoever wrote the commit
    assert yard.past.releases[-1].begun.by == f"{yard.claims[-1].by}, applied by person of reconciler"


def test_what_was_merged_past_the_gate_is_not_applied_and_may_be_later(yard):
    yard.ask(OLD)
    yard.turn()
    yard.merge(wanted_text(replace(yard.file(), bundle=NEW)))
    yard.port.refused = True
    found = yard.turn()
    assert (found.came, found.problems[0].code, yard.live) == ("refused", "P463", OLD)
    yard.port.refused = False
    assert yard.turn().came == "released"
    assert yard.live == NEW


def test_an_emergency_is_one_because_its_entry_says_so_and_only_for_that(yard):
    yard.ask(OLD)
    yard.turn()
    yard.port.refused = True
    yard.ask(NEW, emergency="it burns")
    assert yard.turn().came == "released"
    assert yard.past.releases[-1].begun.judgement.outcome == "emergency"
    yard.merge(wanted_text(replace(yard.file(), bundle=OTHER)))
    assert (yard.turn().came, yard.live) == ("refused", NEW)


def test_what_was_changed_by_hand_is_said_and_put_back_whatever_the_gate_says_by_now(yard):
    yard.ask(NEW, server={"rows": 10})
    yard.turn()
    by_hand = yard.port.wish(OTHER, server={"rows": 99}).wanted
    yard.port.target.apply(by_hand, lambda *_: None)
    yard.port.refused = True  # its evidence is too old by now
    found = yard.turn(report=True)
    assert (found.came, yard.live) == ("differs", OTHER)
    assert any("rows" in text or "server" in text for text in found.why)
    assert yard.turn().came == "repaired"
    assert yard.live == NEW
    assert (yard.past.releases[-1].begun.why, len(yard.past.releases)) == ("reconcile", 2)
    assert yard.turn().came == "same"


def test_what_was_taken_away_comes_back(yard):
    yard.ask()
    yard.turn()
    yard.port.target.remove("churn", "prod")
    assert yard.turn().came == "repaired"
    assert yard.live == NEW


def test_a_remote_that_is_away_leaves_everything_as_it_is(yard):
    yard.ask()
    yard.turn()
    yard.remote.rename(yard.folder / "away.git")
    found = yard.turn()
    assert (found.came, found.problems[0].code, yard.live) == ("failed", "P485", NEW)


def test_a_remote_that_was_set_back_is_no_reason_to_go_back(yard):
    yard.ask(OLD)
    yard.turn()
    old = git(yard.remote, "rev-parse", "releases")
    yard.ask(NEW)
    yard.turn()
    git(yard.remote, "update-ref", "refs/heads/releases", old)
    found = yard.turn()
    assert (found.came, found.problems[0].code, yard.live) == ("refused", "P481", NEW)


def test_a_file_that_is_none_changes_nothing(yard):
    yard.ask()
    yard.turn()
    yard.merge('{"name": "churn"')
    found = yard.turn()
    assert (found.came, found.problems[0].code, yard.live) == ("refused", "P490", NEW)


def test_a_bundle_that_is_not_here_is_brought_or_named(yard):
    yard.port.gone = frozenset({NEW})
    yard.ask()
    found = yard.turn()
    assert (found.came, found.problems[0].code, yard.brought) == ("refused", "P492", [NEW])
    brings = replace(yard.reach, bring=lambda _: setattr(yard.port, "gone", frozenset()))
    assert turn(yard.port.environment, "churn", brings).came == "released"


def test_what_does_not_come_up_is_gone_back_from_once_and_the_branch_says_so(yard):
    yard.ask(OLD)
    yard.turn()
    yard.port.unproved = frozenset({NEW})
    yard.ask(NEW)
    assert yard.turn().came == "refused"
    assert (yard.live, yard.file().bundle) == (OLD, OLD)
    count = len(yard.past.releases)
    assert yard.turn().came == "same"
    assert len(yard.past.releases) == count


def test_a_direct_release_and_a_reconciler_do_not_fight(yard):
    yard.ask(OLD)
    yard.turn()
    person = replace(yard.port.means("person"), record=GitRecord(yard.record.tip))
    release(yard.port.wish(NEW), person)
    assert (yard.file().bundle, yard.turn().came, yard.live) == (NEW, "same", NEW)


def test_what_somebody_is_at_work_on_is_left_to_them(yard):
    yard.ask(OLD)
    yard.turn()
    yard.ask(NEW)
    about = "prod/churn"
    begun = replace(yard.past.releases[-1].begun, release="r2", owner="person", lease_s=900.0)
    last = yard.record.entries()[-1].digest
    yard.record.append("release begun", about, body_of(begun), last, {})
    assert (yard.turn().came, yard.live) == ("waits", OLD)
    yard.port.dead.add("person")
    assert yard.turn().came == "released"
