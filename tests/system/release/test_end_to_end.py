"""The whole way of three models, by two people: commit, dev, staging, production by tag, back, and the history.

Two real repositories of theirs and a bare one, a real registry, servers that answer callers all the time, and the
pipeline that `trimtab pipeline` has written, run step by step on the machine that the endpoints are on: that is how dev
happens without anybody. What is typed, and what the pipeline runs, is killed (-9) on its way, and run again: each verb
once or twice, since that is what there is time for; `SOAK=1` kills each of these four times, at other moments.
"""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable

import pytest
from tests.doubles.agents import Occasion
from tests.doubles.clones import git
from tests.doubles.office import Office
from tests.system.release.conftest import BREAKS, SOAK, pushed, tag_moves, tagged

from trimtab.release.record.git import GitRecord
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git
from trimtab.testing import Callers

# steps that are killed, and between which of their lines
DIES = {
    ("check", "Package"): (1,), ("check", "Push"): (0,), ("release_dev", "Release"): (5, 6),
    ("check", "Take what was packaged from this commit"): (0,), ("release_staging", "Check"): (0,),
    ("release_prod", "Pull"): (0,), ("release_prod", "Release"): (7, 9),
}  # fmt: skip
MAIN, TAG, LIVE = Occasion("refs/heads/main"), Occasion("refs/tags/v1"), "error[P463]: not released to `{}`: {}"


def to_staging(office: Office) -> str:
    """What is on main, packaged on the machine and typed through to staging, and Bob's yes to it; its digest."""
    machine = office.folder / "machine"
    git(machine, "fetch", "--quiet", "--tags", "origin")
    git(machine, "switch", "--quiet", "--force-create", "main", "origin/main")
    office.types("machine", "package")
    office.types("machine", "release", "line", "--to", "dev", dies=(6, 8))  # while it changes over
    office.types("machine", "check", "--for", "staging")
    office.types("machine", "release", "staging")
    return office.reads("bob", "approve", "prod", "--key", "../bob.pem")["digest"]


def caller(address: str) -> Callable[[], tuple[str, str]]:
    """Asks one row after the other; the word is the status, and the revision that answered."""
    chance, place = random.Random(3), address.removeprefix("http://")

    def ask() -> tuple[str, str]:
        time.sleep(0.025)
        row = json.dumps([{"x": float(chance.randint(0, 9))}])
        connection = http.client.HTTPConnection(place, timeout=20)
        try:
            connection.request("POST", "/v1/models/line/rows", row, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return f"{answer.status} {answer.getheader('x-trimtab-revision')}", ""
        finally:
            connection.close()

    return ask


@pytest.mark.timeout(2400 if SOAK else 600)
def test_from_a_commit_to_production_and_back_whoever_is_killed_on_the_way(office: Office) -> None:
    workflow = (office.folder / "ann/.github/workflows/trimtab.yml").read_text()
    # a push to main: the pipeline packages once, and dev happens without anybody
    push = office.runner(workflow, DIES)
    push.goes("check", MAIN)
    push.goes("release_dev", MAIN)
    refused = office.types("machine", "release", "staging", status=1)
    assert LIVE.format("staging", "scan: there is none of this bundle") in refused.err
    assert "gate       PASS     compatible  nothing is live here to compare with" in refused.out
    checked, released, _ = push.goes("release_staging", MAIN)[1:]
    assert checked.out.startswith("compatible  PASS")
    assert "gate       WARN     scan" in released.out

    # a tag: production waits for another than Ann
    tagged(office, "v1")
    office.types("ann", "approve", "prod", "--key", "../ann.pem")
    alone = office.types("machine", "release", "prod", "--ref", "v1", "--dry-run", status=1)
    assert LIVE.format("prod", "approvals: 0 of 1; `ann` wrote the commit, and another has to look") in alone.err
    said = office.types("bob", "approve", "prod", "--key", "../bob.pem", dies=(0,))
    assert said.out.splitlines()[-1] == "approvals  1 of 1 (bob)"
    tag = office.runner(workflow, DIES)
    tag.goes("check", TAG)
    assert [tag.turn(f"release_{name}", TAG) for name in ("dev", "staging")] == ["skipped"] * 2
    tag.goes("release_prod", TAG)
    (live,) = office.reads("machine", "status", "prod")["environments"]
    first = live["live"]["bundle"]

    with Callers(caller(live["address"]), threads=2) as callers:
        pushed(office, 3.0, tag="v2")
        second = to_staging(office)
        with tag_moves(office, "v2"):
            moved = office.types("machine", "release", "prod", status=1)
            assert "error[P486]: the tag `v2` is at " in moved.err
        office.types("machine", "release", "prod", dies=(11, 13))  # in the air

        pushed(office, 4.0, BREAKS, tag="v3")
        third = to_staging(office)
        back = office.types("machine", "release", "prod", status=1, dies=(9, 12))
        assert "limits.errors" in back.err, back
        assert office.reads("machine", "status", "prod")["environments"][0]["live"]["bundle"] == second
        office.types("machine", "rollback", "prod", dies=(1,))

    assert not callers.faults
    bad = third.removeprefix("sha256:")[:12]
    assert {word for word in callers.answers if not word.startswith("200 ")} == {f"500 {bad}"}
    looks(office, first, second, third)


def looks(office: Office, first: str, second: str, third: str) -> None:
    """What runs is what the record says; everybody reads the same history, in one order, and it is whole."""
    places = office.reads("machine", "status")["environments"]
    assert [(one["live"]["bundle"], len(one["revisions"]), one["well"]) for one in places] == [
        (third, 1, True), (third, 1, True), (first, 1, True),
    ]  # fmt: skip
    assert [one["under_way"] for one in places] == [None] * 3
    ann, bob = (office.reads(who, "history") for who in ("ann", "bob"))
    assert ann == bob
    assert [
        (one["environment"], one["why"], one["wanted"]["bundle"], one["outcome"], bool(one["flight"]))
        for one in ann["releases"]
    ] == [
        ("dev", "release", first, "released", False),
        ("staging", "release", first, "released", False),
        ("prod", "release", first, "released", False),
        ("dev", "release", second, "released", False),
        ("staging", "release", second, "released", False),
        ("prod", "release", second, "rolled back", False),
        ("prod", "release", second, "released", True),
        ("dev", "release", third, "released", False),
        ("staging", "release", third, "released", False),
        ("prod", "release", third, "rolled back", True),
        ("prod", "rollback", first, "released", False),
    ]
    assert [one["source"]["ref"] for one in ann["releases"] if one["environment"] == "prod"] == [
        "refs/tags/v1", "refs/tags/v2", "refs/tags/v2", "refs/tags/v3", "",
    ]  # fmt: skip
    said = office.types("bob", "history", "prod")
    assert "approvals PASS 1 of 1 (bob)" in said.out
    assert said.err.startswith(f"verified   {ann['entries']} entries")
    entries = GitRecord(Tip(Git(office.folder / "ann"), "origin", "releases")).verify()
    assert len(entries) == ann["entries"]
    killed = {words.split("trimtab ")[1].split()[0] for words in office.fate.seen}
    assert killed == {"package", "push", "pull", "check", "approve", "release", "rollback"}
