"""A journal asked in SQL: sealed or not, its rows are there once, of whatever revision."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from tests.doubles.logged import DAY, NOON, schema_of

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.signature import Field
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.query import open_journal
from trimtab.journal.seal.seal import seal

COUNT = "SELECT count(*), count(DISTINCT id) FROM interactions"


def test_sealed_and_unsealed_rows_are_one_table(sealed, logging, opened):
    sealed(0, 1, 2)
    logging().ask(3, rows=2)
    assert opened().sql("SELECT row, in_x, in_plan, out_y FROM interactions ORDER BY time, row").fetchall() == [
        (0, 0.0, "plan 0", 0.0), (0, 1.0, "plan 1", 2.0), (0, 2.0, "plan 2", 4.0),
        (0, 3.0, "plan 3", 6.0), (1, 4.0, "plan 3", 8.0),
    ]  # fmt: skip


def test_a_look_stays_as_it_is_until_it_is_refreshed(folder, logging, opened):
    log = logging()
    log.ask(1)
    journal = opened()
    assert journal.sql(COUNT).fetchall() == [(1, 1)]
    log.ask(2)
    log.writer.rotate()
    log.ask(3)
    seal(folder)
    assert journal.sql(COUNT).fetchall() == [(1, 1)]
    journal.refresh()
    assert journal.sql(COUNT).fetchall() == [(3, 3)]


def test_revisions_with_other_columns_and_types_stand_together(sealed, logging, opened):
    sealed(1)
    sealed(2, schema=schema_of([Field("x", "FP64"), Field("plan", "BYTES")], [Field("y", "FP64"), Field("z", "BOOL")]))
    logging(schema_of([Field("plan", "BYTES")], revision="sha256:two")).ask(3)
    journal = opened()
    assert journal.sql("SELECT in_x, out_y FROM interactions ORDER BY time").fetchall() == [
        (1.0, 2.0), (2.0, 4.0), (None, 6.0),
    ]  # fmt: skip
    assert list(journal.columns())[-4:] == ["in_x", "in_plan", "out_y", "out_z"]


def test_an_empty_journal_has_its_tables(opened):
    journal = opened()
    for table in ("interactions", "truth", "feedback", "gaps", "joined"):
        assert journal.sql(f"FROM {table}").arrow().num_rows == 0
    assert {name for (name,) in journal.sql("SHOW TABLES").fetchall()} >= {"interactions", "joined"}


def test_files_that_go_are_no_fault(folder, sealed, opened):
    sealed(0, DAY)
    journal = opened()
    answer = journal.sql(COUNT)
    assert answer.fetchall() == [(2, 2)]
    shutil.rmtree(folder.interactions / "endpoint=churn" / "day=2026-02-16")
    assert answer.fetchall() == [(1, 1)]


def test_files_that_go_again_and_again_are_a_fault_outside(folder, sealed, opened):
    sealed(*range(0, 9 * DAY, DAY))
    journal = opened()
    days = sorted((folder.interactions / "endpoint=churn").iterdir())

    def ask(duck):
        shutil.rmtree(days.pop())
        return duck.rows(COUNT)

    with pytest.raises(OutsideError, match="P939"):
        journal.asked(("interactions",), ask)


def test_a_fault_of_the_query_is_duckdbs_own(sealed, opened):
    sealed(1)
    journal = opened()
    for query in ("SELECT nothing FROM interactions", "FROM nowhere", "selec"):
        with pytest.raises(journal.error):
            journal.sql(query).arrow()
    assert journal.sql(COUNT).fetchall() == [(1, 1)]


def test_a_frame_of_ones_own_is_joined_by_its_name(sealed, opened):
    sealed(1, 2)
    journal = opened()
    known = pa.table({"plan": ["plan 2"], "good": [True]})
    query = "SELECT in_x FROM interactions JOIN known ON known.plan = in_plan"
    assert journal.sql(query, known=known).fetchall() == [(2.0,)]
    with pytest.raises(ValueError, match="`truth` is a table of the journal"):
        journal.sql("FROM truth", truth=known)


def test_days_and_endpoints_can_be_left_out(folder, sealed):
    sealed(0, DAY, 2 * DAY)
    sealed(1, schema=schema_of(endpoint="other"))
    since = datetime.fromtimestamp(NOON + DAY, UTC)
    for wanted, count in (({}, 4), ({"since": since}, 2), ({"until": since}, 3), ({"endpoint": "other"}, 1)):
        with open_journal(folder.path, **wanted) as journal:
            assert journal.sql(COUNT).fetchall() == [(count, count)]


def test_recent_days_are_whole_from_midnight_on(sealed, logging, opened):
    sealed(0, DAY, 2 * DAY)
    logging().ask(5)
    journal = opened()

    def recent(days):
        return journal.asked((), lambda duck: (journal.recent("few", days)[1], duck.rows("SELECT count(*) FROM few")))

    midnight = NOON - DAY // 2
    assert recent(1) == ((midnight + 2 * DAY) * 10**6, [(2,)])
    assert recent(2) == ((midnight + DAY) * 10**6, [(3,)])
    assert recent(3) == (None, [(4,)])
    assert recent(None) == (None, [(4,)])


def test_damage_is_told_once_and_the_rest_is_read(folder, sealed, opened):
    sealed(0)
    sealed(DAY)
    path = next((folder.interactions / "endpoint=churn" / "day=2026-02-16").iterdir())
    path.write_bytes(path.read_bytes()[:-8] + b"x" * 8)
    journal = opened()
    for _ in range(2):
        assert journal.sql(COUNT).fetchall() == [(1, 1)]
    journal.columns("joined")
    assert len(journal.damage) == 1
    assert str(path) in journal.damage[0]


def test_no_journal_is_the_users_fault(tmp_path):
    with pytest.raises(UserError, match="P904"):
        open_journal(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_an_odd_name_is_read(tmp_path, folder, sealed):
    sealed(1)
    odd = tmp_path / "it's [1] *day=2*, 100%?"
    shutil.copytree(folder.path, odd / "journal", copy_function=shutil.copy2)
    with open_journal(odd / "journal") as journal:
        assert journal.sql(COUNT).fetchall() == [(1, 1)]


def test_a_journal_can_be_asked_by_what_it_calls_things(logging, opened, folder):
    keys = open_keys(folder)
    log = logging(schema_of([Field("x", "FP64"), Field("plan", "BYTES")]))
    for number, person in enumerate(("alice", "bob")):
        log.ask(number, subjects=[keys.subject(person)])
    journal = opened()
    with pytest.raises(UserError, match="no function `subject`"):
        journal.condition("subject = subject('bob')")
    journal.know(keys)
    assert journal.condition("subject = subject('bob')").columns == ("subject",)
    query = "SELECT in_x, token('plan', in_plan) FROM interactions WHERE subject = subject('bob')"
    assert journal.sql(query).fetchall() == [(1.0, keys.token("plan", "plan 1"))]
