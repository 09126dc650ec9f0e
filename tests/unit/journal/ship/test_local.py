"""A folder as destination: whole files, synced; and never the empty folder below a disk that is not mounted."""

from __future__ import annotations

import io
import stat

import pytest

from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import LocalFolder
from trimtab.journal.ship.local import MARK, LocalCarrier

NAME = "truth/day=2026-11-01/w-1.parquet"


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "archive"
    path.mkdir()
    return path


def carrier(root, *, known=False):
    return LocalCarrier(LocalFolder(root), Tools(root / "spool", known))


def parcel(data=b"content", size=None):
    return Parcel(NAME, io.BytesIO(data), len(data) if size is None else size)


def test_a_file_lies_under_its_name_for_its_owner_only(root):
    one = carrier(root)
    one.reach()
    assert one.send(parcel())
    assert one.send(parcel(b"again, with something forgotten"))
    one.close()
    assert (root / NAME).read_bytes() == b"again, with something forgotten"
    assert stat.S_IMODE((root / NAME).stat().st_mode) == 0o600
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == [MARK, "w-1.parquet"]


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(AwayError, match="the folder is not there"):
        carrier(tmp_path / "none").reach()
    with pytest.raises(AwayError, match="refuses: no such file"):
        carrier(tmp_path / "none").send(parcel())
    assert not (tmp_path / "none").exists()


def test_an_empty_folder_where_a_disk_was_mounted_is_not_taken_for_it(root):
    with pytest.raises(AwayError, match="not the folder that was shipped to before") as caught:
        carrier(root, known=True).reach()
    assert MARK in caught.value.problems[0].hint
    (root / MARK).touch()
    carrier(root, known=True).reach()


def test_a_folder_that_may_not_be_written_to_is_said(root, modes_count):
    del modes_count
    root.chmod(0o500)
    with pytest.raises(AwayError, match="permission denied"):
        carrier(root).reach()
    with pytest.raises(AwayError, match="permission denied"):
        carrier(root).send(parcel())
    root.chmod(0o700)


def test_a_file_in_the_way_is_said(root):
    (root / "truth").touch()
    with pytest.raises(AwayError, match=r"refuses: (not a directory|file exists)"):
        carrier(root).send(parcel())


def test_what_cannot_be_read_here_is_no_fault_of_the_folder(root):
    with pytest.raises(DamagedError, match="7 bytes could be read of 8"):
        carrier(root).send(parcel(size=8))
    with pytest.raises(DamagedError, match="cannot be read"):
        carrier(root).send(Parcel(NAME, _Bad(), 8))
    assert [path for path in root.rglob("*") if path.is_file()] == []


class _Bad(io.BytesIO):
    def read(self, _=-1):
        raise OSError(5, "Input/output error")
