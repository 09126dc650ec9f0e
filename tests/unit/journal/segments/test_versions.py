"""Segments of every format that ever was are read, whole and damaged: `tests/parts/journal`."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

from trimtab.journal.segments.frames import FORMAT
from trimtab.journal.segments.reader import Damage, segments


@pytest.fixture(scope="module")
def first(root):
    """The script that wrote the segment of format 1, which says what is in it."""
    spec = importlib.util.spec_from_file_location("trimtab_parts_v1", root / "tests/parts/journal/make_v1.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def kept(folder, first):
    """A copy of it in a journal."""
    return shutil.copy(first.FOLDER / f"{first.NAME}.seg", folder.segments)


@pytest.mark.usefixtures("kept")
def test_format_1_is_read(folder, first):
    with segments(folder) as (segment,):
        assert (segment.name, segment.created) == (first.NAME, first.CREATED)
        assert list(segment.frames()) == first.FRAMES
        assert segment.damage == []


def test_format_1_is_read_past_damage(folder, first, kept):
    with open(kept, "r+b") as file:  # noqa: PTH123 - as `copy` gives it
        file.seek(200)
        file.write(bytes(10))  # in the second frame
        file.truncate(5000)
    with segments(folder) as (segment,):
        assert list(segment.frames()) == [first.FRAMES[0], *first.FRAMES[2:-1]]
        assert [one.what for one in segment.damage] == ["damaged", "torn"]
        assert sum(one.length for one in segment.damage) == segment.damage[0].length + 5000 - segment.damage[1].at
        assert isinstance(segment.damage[0], Damage)


def test_there_is_one_of_each_format(root):
    assert sorted(path.name for path in (root / "tests/parts/journal").glob("v*")) == [
        f"v{number}" for number in range(1, FORMAT + 1)
    ]


def test_what_is_written_now_is_what_was_written_then(first, tmp_path):
    first.main(tmp_path)
    written = tmp_path / f"{first.NAME}.seg"
    assert written.read_bytes() == (first.FOLDER / written.name).read_bytes()
