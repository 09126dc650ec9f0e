"""A person is forgotten: nothing is left of them in any file, and a tombstone tells that it was done."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from tests.doubles.logged import DAY, NOON

from trimtab.core.errors import OutsideError, UserError
from trimtab.journal.privacy.forget import Patience, forget
from trimtab.journal.privacy.tombstones import tombstones
from trimtab.journal.privacy.writers import ROTATE
from trimtab.journal.seal.alone import alone


class Time:
    """Passes only while somebody sleeps; then something may happen."""

    def __init__(self):
        self.now = 0.0
        self.acts = []

    def sleep(self, seconds):
        self.now += seconds
        if self.acts:
            self.acts.pop(0)()

    @property
    def patience(self):
        return Patience(clock=lambda: NOON + 9 * DAY, steady=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def time():
    return Time()


def test_nothing_is_left_of_a_person_in_any_file(people, folder, keys, time):
    people.tell("truth", people.ask("anna"), "anna")
    people.ask("bert", time=NOON + DAY)
    people.tell("feedback", people.ask("anna", time=NOON + DAY), "anna")
    people.end()
    done = forget(folder, keys, "anna", time.patience)
    assert people.left("anna") == []
    assert people.left("bert")
    assert done.tombstone.done
    assert done.tombstone.subject == keys.subject("anna")
    assert done.rows == {"churn": {"2026-02-16": 1, "2026-02-17": 1}}
    assert (done.records("truth"), done.records("feedback")) == (1, 1)
    assert (done.problems, done.busy) == ((), False)
    assert b"anna" not in done.path.read_bytes()
    again = forget(folder, keys, "anna", time.patience)
    assert again.rows == {}
    assert again.path != done.path


def test_a_number_is_the_person_of_a_column_of_numbers(people, folder, keys, time):
    people.ask("7")
    people.end()
    assert forget(folder, keys, 7, time.patience).rows == {"churn": {"2026-02-16": 1}}


def test_writers_are_asked_and_waited_for(people, folder, keys, time):
    people.ask("anna")
    first = people.writer.name

    def turned():
        assert (folder.segments / ROTATE).exists()
        people.writer.rotate()

    time.acts = [lambda: None, turned]
    done = forget(folder, keys, "anna", time.patience)
    assert done.tombstone.done
    assert people.left("anna") == []
    assert people.writer.name != first
    assert time.now == pytest.approx(0.5)


def test_a_writer_that_does_not_turn_is_named_and_finished_later(people, folder, keys, time):
    people.ask("anna")
    done = forget(folder, keys, "anna", time.patience)
    assert time.now == pytest.approx(15.0)
    assert not done.tombstone.done
    assert done.tombstone.waits == (people.writer.name,)
    assert people.left("anna") == [f"segments/{people.writer.name}.seg"]
    people.end()
    forget(folder, keys, "bert", time.patience)
    assert people.left("anna") == []
    assert all(one.done for one in tombstones(folder).values())


def test_an_answer_that_was_on_its_way_is_caught(people, folder, keys, time):
    people.ask("anna")
    people.writer.rotate()
    people.ask("anna")
    others = people.writer.name
    time.acts = [people.writer.rotate]
    done = forget(folder, keys, "anna", time.patience)
    assert done.tombstone.done
    assert done.rows == {"churn": {"2026-02-16": 2}}
    assert people.left("anna") == []
    assert people.writer.name != others


def test_while_another_process_is_at_the_journal_it_is_waited_for(people, folder, keys, time):
    people.ask("anna")
    people.end()
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with alone(folder.path):
            entered.set()
            leave.wait(30)

    keeper = threading.Thread(target=hold)
    keeper.start()
    assert entered.wait(30)
    done = forget(folder, keys, "anna", replace(time.patience, seconds=1.0))
    assert done.busy
    assert not done.tombstone.done
    leave.set()
    keeper.join()
    assert people.left("anna")
    assert forget(folder, keys, "anna", time.patience).tombstone.done
    assert people.left("anna") == []


@pytest.mark.parametrize("nobody", ["", None])
def test_nobody_is_not_forgotten(folder, keys, nobody):
    with pytest.raises(UserError, match="is nobody") as refused:
        forget(folder, keys, nobody)
    assert refused.value.problems[0].code == "P955"
    assert list(folder.forgotten.iterdir()) == []


def test_a_file_that_cannot_be_cleaned_is_an_error_and_the_tombstone_stays(people, folder, keys, time):
    people.ask("anna")
    people.end()
    forget(folder, keys, "bert", time.patience)
    (path,) = folder.interactions.rglob("*.parquet")
    path.write_bytes(b"junk")
    with pytest.raises(OutsideError, match="P957"):
        forget(folder, keys, "anna", time.patience)
    assert sorted(one.done for one in tombstones(folder).values()) == [False, True]
