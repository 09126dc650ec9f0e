"""A file's entries in a real journal, beside whoever else writes there."""

from errno import EIO

import pytest
from tests.doubles.disk import Disk

from trimtab.core.errors import OutsideError
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.records import SegmentJournal
from trimtab.journal.segments.writer import Writer
from trimtab.ops.truth.keeping import keeping


@pytest.fixture
def folder(tmp_path):
    return open_folder(tmp_path / "journal")


def stored(folder):
    return [record["id"] for record in SegmentJournal(folder, Writer(folder)).scan("truth")]


def test_what_is_kept_is_in_the_journal_at_once_and_afterwards(folder):
    with keeping(folder) as keep:
        keep([{"id": "a"}, {"id": "b"}])
        assert stored(folder) == ["a", "b"]
        keep([{"id": "c"}])
    assert stored(folder) == ["a", "b", "c"]


def test_nothing_is_left_of_a_run_that_kept_nothing(folder):
    with keeping(folder):
        pass
    assert list(folder.segments.iterdir()) == []


def test_what_was_kept_stays_when_the_run_fails(folder):
    def run():
        with keeping(folder) as keep:
            keep([{"id": "a"}])
            raise KeyError("a fault of the file")

    with pytest.raises(KeyError):
        run()
    assert stored(folder) == ["a"]


@pytest.mark.parametrize("good", [True, False])
def test_entries_that_may_not_survive_a_power_cut_are_told(folder, good):
    disk = Disk(lambda _number, call: EIO if call == "sync" else 0)

    def run():
        with keeping(folder, disk) as keep:
            keep([{"id": "a"}])
            if not good:
                raise KeyError("a fault of the file")

    with pytest.raises(OutsideError if good else KeyError) as caught:
        run()
    if good:
        assert caught.value.problems[0].code == "P945"
