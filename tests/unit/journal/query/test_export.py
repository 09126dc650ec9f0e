"""Answered rows as a file to train from: whole or not there, and the same for the same journal."""

from __future__ import annotations

import resource
import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest
from pyarrow import parquet
from tests.doubles.logged import NOON, schema_of

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.signature import Field
from trimtab.journal.query.export import Exporting, export
from trimtab.journal.query.filter import Filter
from trimtab.journal.seal.seal import seal


@pytest.fixture
def exported(opened, tmp_path):
    """Exports to a file of that name: what came of it, and the file."""

    def run(name="x.parquet", where="", **wanted):
        filter_ = wanted.pop("filter", Filter())
        journal = opened(endpoint=filter_.endpoint)
        return export(journal, where, tmp_path / name, Exporting(filter_, **wanted)), tmp_path / name

    return run


@pytest.fixture
def told(logging):
    """Two rows of one answer, another one, a failure; and a truth of one row."""
    log = logging()
    first = log.ask(1, rows=2, sampled=0.25, probability=0.1, arm="new", principal="me")
    log.ask(2, principal="me")
    log.ask(3, status=500, error="P310", principal="me")
    said = {"time": NOON + 9.0, "received": NOON + 9.0, "principal": "me", "operator": False}
    log.tell("truth", id=first, row=1, value=True, name="truth", **said)
    log.tell("feedback", id=first, row=0, score=0.5, **said)
    return first


def test_a_row_has_inputs_prediction_truth_and_what_it_stands_for(exported, told):
    done, path = exported()
    assert (done.endpoint, done.rows, done.with_truth, done.moved) == ("churn", 3, 1, {})
    assert (done.first, done.last) == tuple(datetime.fromtimestamp(NOON + at, UTC) for at in (1, 2))
    rows = parquet.read_table(path).to_pylist()
    assert [(row["x"], row["plan"], row["prediction_y"], row["truth"]) for row in rows] == [
        (1.0, "plan 1", 2.0, None), (2.0, "plan 1", 4.0, True), (2.0, "plan 2", 4.0, None),
    ]  # fmt: skip
    assert [(row["weight"], row["probability"], row["arm"], row["row"]) for row in rows] == [
        (4.0, 0.1, "new", 0), (4.0, 0.1, "new", 1), (1.0, 1.0, "", 0),
    ]  # fmt: skip
    assert rows[0]["id"] == told
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("told")
def test_truth_may_be_required_or_left_out(exported):
    done, path = exported(truth="required")
    assert (done.rows, done.with_truth) == (1, 1)
    done, path = exported("none.parquet", truth="none")
    assert (done.rows, done.with_truth) == (3, None)
    assert not [name for name in parquet.read_schema(path).names if name.startswith("truth")]


@pytest.mark.usefixtures("told")
def test_feedback_and_inputs_alone_can_be_asked_for(exported):
    _, path = exported(feedback=True)
    assert parquet.read_table(path).column("feedback_score").to_pylist() == [0.5, None, None]
    _, path = exported("inputs.csv", only_inputs=True)
    assert path.read_text().splitlines() == ['"x","plan"', '1.0,"plan 1"', '2.0,"plan 1"', '2.0,"plan 2"']


@pytest.mark.usefixtures("told")
def test_conditions_see_truth_and_the_filter_holds(exported):
    assert exported(where="truth AND in_x > 1")[0].rows == 1
    assert exported("b.parquet", filter=Filter(revision="sha256:on"), where="truth IS NULL")[0].rows == 2


def test_the_same_journal_gives_the_same_file_sealed_or_not(folder, logging, exported):
    log = logging()
    for number in (5, 3, 4, 1, 2):
        log.ask(number, rows=2)
    log.writer.close()
    for name in ("a.parquet", "a.csv"):
        exported(name)
    seal(folder)
    for name in ("b.parquet", "b.csv"):
        exported(name)
    for suffix in ("parquet", "csv"):
        one, other = (folder.path.parent / f"{name}.{suffix}" for name in "ab")
        assert one.read_bytes() == other.read_bytes()
    assert pd.read_csv(folder.path.parent / "a.csv")["x"].tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6]


def test_types_are_those_of_the_signature(logging, exported):
    fields = [Field("x", "INT8"), Field("plan", "BYTES")]
    logging(schema_of(fields, [Field("y", "FP32")])).ask(1)
    _, path = exported()
    types = {field.name: str(field.type) for field in parquet.read_schema(path)}
    assert (types["plan"], types["time"], types["row"]) == ("string", "timestamp[us, tz=UTC]", "int32")


def test_several_endpoints_are_told_and_one_can_be_named(sealed, exported):
    sealed(1)
    sealed(2, schema=schema_of([Field("x", "FP64"), Field("plan", "BYTES")], endpoint="other"))
    with pytest.raises(UserError, match="of several endpoints: `churn`, `other`"):
        exported()
    done, _ = exported(filter=Filter(endpoint="other"))
    assert (done.endpoint, done.rows) == ("other", 1)


@pytest.mark.parametrize("wanted", [{}, {"filter": Filter(endpoint="gone")}, {"where": "in_x > 100"}])
def test_nothing_is_the_users_fault_and_no_file(sealed, exported, tmp_path, wanted):
    if wanted:
        sealed(1)
    with pytest.raises(UserError, match=r"P936.*there is no such row"):
        exported(**wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]


def test_inputs_that_were_not_kept_are_told(logging, exported):
    logging(schema_of([])).ask(1)
    with pytest.raises(UserError, match="of the inputs of `churn` nothing was kept"):
        exported()


def test_all_that_is_wrong_is_told_at_once(sealed, opened, tmp_path):
    sealed(1)
    with pytest.raises(UserError) as caught:
        export(opened(), "in_x; DROP", tmp_path / "x.txt", Exporting())
    assert [one.code for one in caught.value.problems] == ["P935", "P932"]
    with pytest.raises(UserError, match="P933"):
        export(opened(), "nothing > 1", tmp_path / "x.csv", Exporting())


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("x.json", "not as `.json`"),
        ("x", "not as ``"),
        ("nowhere/x.csv", "is not there"),
        ("folder.csv", "is a folder"),
        ("there.csv", "is there already"),
    ],
)
def test_a_place_that_will_not_do_is_told(exported, sealed, tmp_path, name, what):
    sealed(1)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(UserError, match=f"P935.*{what}"):
        exported(name)
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_file_is_replaced_when_that_is_said(exported, sealed, tmp_path):
    sealed(1)
    (tmp_path / "x.csv").write_text("mine")
    exported("x.csv", overwrite=True)
    assert (tmp_path / "x.csv").read_text().startswith('"x"')


def test_files_that_go_while_it_is_written_are_no_fault(folder, sealed, opened, tmp_path):
    sealed(0, 86_400)
    journal = opened()
    shutil.rmtree(folder.interactions / "endpoint=churn" / "day=2026-02-16")
    done = export(journal, "", tmp_path / "x.parquet", Exporting())
    assert done.rows == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal", "x.parquet"]


def test_a_disk_that_takes_no_more_is_a_fault_outside_and_leaves_nothing(sealed, exported, tmp_path):
    sealed(*range(200))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for name in ("x.csv", "x.parquet"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            with pytest.raises(OutsideError, match=r"P938.*File too large"):
                exported(name)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]


def test_a_name_that_is_taken_meanwhile_stays_the_others(sealed, exported, tmp_path):
    sealed(1)
    (tmp_path / "x.csv").symlink_to("nowhere")  # nothing is there, and yet the name is taken
    with pytest.raises(UserError, match=r"P935.*by another meanwhile"):
        exported("x.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal", "x.csv"]
