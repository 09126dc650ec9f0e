"""A file is brought as a whole or, where it has a fault, not at all; and twice is as good as once."""

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.ops.truth.bring import Brought, Said, bring, look
from trimtab.ops.truth.source import Columns, open_source

NOW = 1_700_000_000.0
SUFFIXES = (".csv", ".jsonl", ".parquet")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_row_that_says_something_is_kept(write, said, kept, suffix):
    rows = [{"id": f"call-{at}", "value": None if at % 5 == 4 else at, "row": at % 2} for at in range(2500)]
    source = open_source(write(f"truth{suffix}", rows), Columns())
    steps = []
    found = bring(source, said, kept, progress=steps.append)
    assert (found.rows, found.empty, found.entries, found.lost) == (2000, 500, 2000, 0)
    assert kept.values("id", "value", "row") == [
        (row["id"], row["value"], row["row"]) for row in rows if row["value"] is not None
    ]
    assert kept.values("principal", "operator", "name")[0] == ("uid:7", True, "truth")
    assert steps == [1000, 2000, 2000]
    received = [time for (time,) in kept.values("received")]
    assert received == sorted(set(received))
    assert kept.values("time") == kept.values("received")


def test_a_time_is_that_of_the_file(write, said, kept):
    source = open_source(write("truth.csv", [{"id": "a", "value": 1, "time": "2023-11-01"}]), Columns())
    bring(source, said, kept)
    assert kept.values("time", "received") == [(1_698_796_800.0, NOW)]


def test_values_of_a_csv_file_are_what_all_of_them_are(write, said, kept):
    path = write("truth.csv", [{"id": "a", "value": "1"}, {"id": "b", "value": ""}, {"id": "c", "value": "0"}])
    assert bring(open_source(path, Columns()), said, kept).kind == "number"
    assert kept.values("value") == [(1,), (0,)]
    kept.records.clear()
    text = Said(said.speaker, NOW, "state", text=True)
    assert bring(open_source(path, Columns()), text, kept).kind == "text"
    assert kept.values("value", "name") == [("1", "state"), ("0", "state")]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_fault_is_named_by_place_and_column_and_nothing_is_kept(write, said, kept, suffix):
    rows = [{"call": "a", "late": 1, "landed": "2023-11-01"}] * 1200
    rows += [{"call": "", "late": 1, "landed": "2023-11-01"}, {"call": "b", "late": 1, "landed": "soon"}]
    path = write(f"truth{suffix}", rows)
    source = open_source(path, Columns("call", "late", time="landed"))
    with pytest.raises(UserError) as caught:
        bring(source, said, kept)
    places = {".csv": [f"{path}:1202", f"{path}:1203"], ".jsonl": [f"{path}:1201", f"{path}:1202"]}.get(
        suffix, [f"{path}, row 1200", f"{path}, row 1201"]
    )
    missing = "it is missing" if suffix == ".csv" else "it is empty"
    assert [(one.code, one.where, one.what) for one in caught.value.problems] == [
        ("P942", places[0], f"`call`: {missing}"),
        ("P942", places[1], '`landed`: `"soon"` is no time'),
    ]
    assert kept.records == []


def test_a_flood_of_faults_is_counted(write, said):
    source = open_source(write("truth.jsonl", [{"id": "", "value": 1}] * 500), Columns())
    with pytest.raises(UserError) as caught:
        look(source, said)
    assert len(caught.value.problems) == 51
    assert caught.value.problems[-1].what == "450 faults more like these"


def test_a_broken_line_is_a_fault(tmp_path, said):
    (tmp_path / "truth.jsonl").write_text('{"id": "a", "value": 1}\nhello\n')
    with pytest.raises(UserError, match="the line is no JSON"):
        look(open_source(tmp_path / "truth.jsonl", Columns()), said)


def test_a_full_disk_says_how_far_it_came_and_the_second_run_completes_it(write, said, kept):
    source = open_source(write("truth.csv", [{"id": f"call-{at}", "value": at} for at in range(2500)]), Columns())
    kept.room = 2
    with pytest.raises(OutsideError) as caught:
        bring(source, said, kept)
    (problem,) = caught.value.problems
    assert (problem.code, problem.what) == (
        "P945",
        "2000 entries are kept, and then the system says: No space left on device",
    )
    kept.room = 10**9
    assert bring(source, said, kept).entries == 2500
    assert {one for (one,) in kept.values("id")} == {f"call-{at}" for at in range(2500)}


@pytest.mark.parametrize(
    "then", [[], [{"id": "a", "value": 1}] * 3, [{"id": "", "value": 1}] * 2, [{"id": "a", "value": "x"}] * 2]
)
def test_a_file_that_changes_while_it_is_read_is_told(write, said, then):
    path = write("truth.csv", [{"id": "a", "value": 1}] * 2)
    source, reads = open_source(path, Columns()), []

    class Changing:
        """The same file, which somebody writes anew before it is read for the second time."""

        path, columns, texts = source.path, source.columns, source.texts

        def rows(self):
            if reads:
                write("truth.csv", then or [{"id": "a", "value": None}])
            reads.append(1)
            return source.rows()

    with pytest.raises(OutsideError, match="P946"):
        bring(Changing(), said, lambda _: None)


def test_answers_are_found_by_another_column(write, said, kept):
    rows = [{"order": order, "paid": paid} for order, paid in ((7, True), (8, False), (9, True), (10, None))]
    source = open_source(write("truth.jsonl", rows), Columns(value="paid", by="order"))
    asked = []

    def find(keys):
        """Order 7 was asked about twice, 8 never."""
        asked.extend(keys)
        return iter([(0, "x", 0), (0, "y", 3), (2, "z", 1)])

    assert bring(source, said, kept, find) == Brought(3, 1, "text", 3, 1)
    assert asked == [(0, "7"), (1, "8"), (2, "9")]
    assert kept.values("id", "row", "value") == [("x", 0, True), ("y", 3, True), ("z", 1, True)]


def test_a_row_without_a_key_is_a_fault_of_its_column(write, said):
    source = open_source(write("truth.csv", [{"order": "", "paid": "1"}]), Columns(value="paid", by="order"))
    with pytest.raises(UserError) as caught:
        look(source, said)
    assert [one.what for one in caught.value.problems] == ["`order`: it is missing"]
