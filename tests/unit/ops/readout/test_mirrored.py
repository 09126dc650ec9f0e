"""What a shadow has answered otherwise, and for whom."""

import numpy as np
import pytest
from tests.doubles.logged import INTERACTION_ID, NOON, Logging, interaction

from trimtab.core.errors import UserError
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.query.export import Exporting, export
from trimtab.journal.query.filter import Filter
from trimtab.journal.query.session import open_journal
from trimtab.journal.query.sources import Period
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer
from trimtab.ops.flights.quality import measured
from trimtab.ops.readout.logged import Asked, answers_of
from trimtab.ops.readout.mirrored import mirrored, said
from trimtab.ops.replay.journal import Logged, Span


def mirror(path, other, rows=600, fails=()):
    """Requests that a champion answered with 1, and a shadow with other(at, plan)."""
    writer = Writer(open_folder(path))
    logging = Logging(writer)
    for at in range(rows):
        plan = ("family", "basic", "plus")[at % 3]
        inputs = {"x": Column(np.array([float(at % 8)])), "plan": Column(np.array([plan], object))}
        ids = f"{INTERACTION_ID}{at:x}", f"{INTERACTION_ID}{at + rows:x}"
        status = 504 if at in fails else 200
        for own, dialect, y in ((0, "rows", 1.0), (1, "shadow", other(at, plan))):
            facts = {"request_id": ids[0], "arm": "challenger", "probability": 0.5, "status": status} if own else {}
            outputs = None if own and at in fails else {"y": np.array([y])}
            record = interaction(
                logging.number, logging.schema, inputs, outputs, id=ids[own], time=NOON + at / 10, dialect=dialect,
                **facts,
            )  # fmt: skip
            writer.write([Frame(Kind.INTERACTION, record)])
    writer.close()


def found(path, since=NOON):
    with open_journal(path, endpoint="churn") as journal:
        return mirrored(journal, Asked("churn", Period(since, None)))


def test_for_whom_it_differs_is_named(tmp_path):
    mirror(tmp_path / "journal", lambda at, plan: 2.0 if plan == "family" and at % 6 else 1.0)
    seen = found(tmp_path / "journal")
    assert (seen.differs.rows, seen.differs.count, seen.unanswered) == (600, 100, 0)
    assert [str(one) for one in seen.segments] == ["plan = `family`"]
    assert seen.segments[0].share.count == 100
    lines = [text for _, text in said(seen)]
    assert lines[0].endswith("of 600 rows answered otherwise")
    assert lines[1].startswith("plan = `family`: 50 %")
    assert seen.plain()["segments"][0]["of"] == 200


@pytest.mark.parametrize(("y", "count"), [(1.0 + 1e-6, 0), (1.0 + 1e-4, 30), (float("nan"), 30)])
def test_what_single_precision_cannot_tell_is_the_same(tmp_path, y, count):
    mirror(tmp_path / "journal", lambda *_: y, rows=30)
    assert found(tmp_path / "journal").differs.count == count


def test_what_had_no_answer_is_counted_apart(tmp_path):
    mirror(tmp_path / "journal", lambda *_: 1.0, rows=30, fails={3, 4})
    seen = found(tmp_path / "journal")
    assert (seen.differs.rows, seen.unanswered) == (28, 2)
    assert ("", "2 rows without an answer of the shadow") in list(said(seen))


def test_nothing_is_said_where_no_shadow_was_asked(tmp_path):
    mirror(tmp_path / "journal", lambda *_: 1.0, rows=3)
    assert found(tmp_path / "journal", NOON + 500) is None


def test_what_nobody_saw_is_in_no_other_reading(tmp_path):
    mirror(tmp_path / "journal", lambda *_: 2.0, rows=30)
    with open_journal(tmp_path / "journal", endpoint="churn") as journal:
        with pytest.raises(UserError, match="P435"):
            answers_of(journal, Asked("churn"))
        assert measured(journal, ["feedback"], NOON)["challenger"] == {}
        done = export(journal, "", tmp_path / "rows.parquet", Exporting(Filter(Period(), "churn"), "none"))
        assert done.rows == 30
    with Logged(open_folder(tmp_path / "journal"), Span(NOON, None)) as logged:
        assert logged.endpoints() == {"churn": 30}
