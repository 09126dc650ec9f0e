"""Killed at any step of forgetting, or with a disk that fails at any step: whoever goes on finishes it, for her alone.

Every sixth step is taken; `SOAK=1` takes them all.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.doubles.logged import DAY, NOON
from tests.doubles.nth import FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of
from tests.doubles.people import People
from tests.system.journal.conftest import SOAK

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.folder import Folder
from trimtab.journal.privacy.forget import Patience, forget
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.privacy.sweep import clean
from trimtab.journal.privacy.tombstones import tombstones
from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.seal import seal

STRIDE = 1 if SOAK else 6
PATIENCE = Patience(seconds=0, clock=lambda: NOON + 9 * DAY)


def begin(folder: Folder) -> None:
    """Anna and others: in a sealed segment, in one that is still to be sealed, and in truth that came before both."""
    people = People(folder, open_keys(folder))
    people.tell("truth", "3-anna", "anna")
    people.writer.rotate()
    seal(folder)
    people.ask("bert")
    people.tell("feedback", people.ask("anna", "bert"), "anna")
    people.writer.rotate()
    seal(folder)
    people.ask("anna", time=NOON + DAY)
    people.tell("truth", people.ask("carl"), "carl")
    people.end()


@pytest.fixture
def fresh(again: Callable[..., Callable[[], Folder]]) -> Callable[[], Folder]:
    """The same journal anew, each time it is asked for."""
    return again(begin)


def act(folder: Folder) -> None:
    forget(folder, open_keys(folder), "anna", PATIENCE)


def told(folder: Folder) -> dict[str, list[dict[str, Any]]]:
    """Everything that is sealed, by table."""
    people = People(folder, open_keys(folder))
    people.end()
    return {
        table: sorted(people.rows(table), key=lambda row: json.dumps(row, default=str, sort_keys=True))
        for table in ("interactions", "truth", "feedback")
    }


def left(folder: Folder) -> list[str]:
    people = People(folder, open_keys(folder))
    people.end()
    return [name for name in people.left("said of anna") if not name.endswith(".draft")]


def named(folder: Folder) -> list[str]:
    """Where rows of hers are: others' rows of a request that she shared keep what it was called."""
    return [str(row) for row in told(folder)["interactions"] if row["subject"] == open_keys(folder).subject("anna")]


def reference(fresh: Callable[[], Folder]) -> dict[str, list[dict[str, Any]]]:
    folder = fresh()
    act(folder)
    assert (left(folder), named(folder)) == ([], [])
    assert all(one.done for one in tombstones(folder).values())
    wanted = told(folder)
    assert [len(rows) for rows in wanted.values()] == [3, 1, 0]
    return wanted


def test_killed_at_any_step_the_next_pass_finishes_and_nobody_else_is_harmed(fresh):
    wanted = reference(fresh)
    total = steps_of(partial(act, fresh()))
    assert total > 60
    for number in range(0, total, STRIDE):
        folder = fresh()
        assert kill_at(number, partial(act, folder)) == KILLED
        begun = bool(tombstones(folder))
        seal(folder)
        with alone(folder.path):
            clean(folder)  # as the keeper does
        if not begun:  # nobody knows of it yet
            act(folder)
        assert (left(folder), named(folder)) == ([], []), f"step {number}"
        assert told(folder) == wanted, f"step {number}"
        assert all(one.done for one in tombstones(folder).values())
        assert list(folder.path.rglob(".*.draft")) == [], f"step {number}"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_step_is_told_and_the_next_time_it_is_done(fresh, code):
    wanted = reference(fresh)

    def once(folder: Folder) -> None:
        try:
            done = forget(folder, open_keys(folder), "anna", PATIENCE)
        except OSError as error:  # of the tombstone, say
            raise OutsideError(Problem("P957", str(error))) from error
        if done.problems and not done.tombstone.done:
            raise OutsideError(*done.problems)

    total = steps_of(partial(once, fresh()))
    for number in range({errno.ENOSPC: 0, errno.EIO: 1}[code], total, STRIDE):
        folder = fresh()
        assert fail_at(number, partial(once, folder), code) in (FINISHED, REFUSED), f"step {number}"
        act(folder)
        assert (left(folder), named(folder)) == ([], []), f"step {number}"
        assert told(folder) == wanted, f"step {number}"
        assert all(one.done for one in tombstones(folder).values())
