"""The n-th call of the disk fails, for every n, and the power goes before any call: what was acknowledged is there."""

from __future__ import annotations

import errno
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.disk import Disk, Luck, at, never
from tests.doubles.logging_story import Story, found_in

from trimtab.journal.folder import Folder, open_folder

LUCKS: tuple[Luck, ...] = ("synced", "written", "uncut")


@pytest.fixture
def places() -> Iterator[Iterator[Path]]:
    """New folders, one after the other; in memory, as no plug is pulled."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield (work / str(number) for number in itertools.count())
    shutil.rmtree(work)


def told(place: Path, disk: Disk, unsynced: int = 400) -> Story:
    """The story, on that disk until it ends; then the disk is well."""
    story = Story(open_folder(place), disk, unsynced)
    story.run()
    disk.fails = never
    story.end()
    return story


def calls_of(place: Path, unsynced: int = 400) -> list[str]:
    disk = Disk()
    story = told(place, disk, unsynced)
    assert story.refused == []
    assert found_in(Folder(place)) == (dict.fromkeys(story.written, 1), [])
    return disk.calls


@pytest.mark.parametrize("unsynced", [0, 400])
def test_the_story_has_everything_in_it(places, unsynced):
    calls = calls_of(next(places), unsynced)
    assert {"create", "write", "rename", "sync", "sync_folder", "close"} <= set(calls)
    assert calls.count("create") > 6
    assert calls.count("sync") > 6


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("unsynced", [0, 400])
def test_one_call_fails(places, unsynced, code, short):
    refused = 0
    for number, call in enumerate(calls_of(next(places), unsynced)):
        place = next(places)
        story = told(place, Disk(at(number, code), short=short), unsynced)
        numbers, damage = found_in(Folder(place))
        assert numbers == dict.fromkeys(story.written, 1), (number, call)
        assert damage == [], (number, call)
        assert len(story.refused) <= 3
        refused += bool(story.refused)
    assert refused > 20


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("lasting", [2, 3, 5, 12, 40])
@pytest.mark.parametrize("unsynced", [0, 400])
def test_several_calls_fail_one_after_the_other(places, unsynced, lasting, short):
    for number in range(len(calls_of(next(places), unsynced))):
        place = next(places)
        story = told(place, Disk(at(number, errno.EIO, lasting), short=short), unsynced)
        numbers, damage = found_in(Folder(place))
        assert not set(story.written) - set(numbers), number
        assert max(numbers[one] for one in story.written) <= 2, number
        seen = set(numbers) & set(story.refused)  # of a write that could neither be done nor taken back
        assert len(seen) <= (2 if short else 0), number
        assert set(damage) <= {"torn"}, number


def test_only_what_writes_fails(places):
    for kind in ("create", "write", "rename", "sync", "sync_folder", "truncate"):
        for begin in range(0, 60, 7):
            place = next(places)
            disk = Disk(lambda number, call, kind=kind, begin=begin: errno.EIO * (call == kind and number >= begin))
            story = told(place, disk)
            numbers, damage = found_in(Folder(place))
            assert numbers == dict.fromkeys(story.written, 1), (kind, begin)
            assert damage == [], (kind, begin)


def cut_everywhere(places: Iterator[Path], disk: Disk) -> int:
    """The power goes before each call: what a sync had made safe by then is there; how often it went."""
    place, count = next(places), 0
    story = Story(open_folder(place), disk, 400)

    def cut() -> None:
        nonlocal count
        for luck in LUCKS:
            left = next(places)
            disk.after_a_power_cut(place / "segments", left / "segments", luck)
            numbers, damage = found_in(Folder(left))
            shutil.rmtree(left)
            safe = story.written[: story.safe]
            assert [one for one in safe if not 1 <= numbers[one] <= 2] == [], (len(disk.calls), luck)
            assert not set(numbers) & set(story.refused)
            assert set(damage) <= {"torn", "header"}
            count += 1

    disk.watch = cut
    story.run()
    disk.fails = never
    story.end()
    cut()
    return count


def test_the_power_goes_before_any_call(places):
    assert cut_everywhere(places, Disk()) > 200


def test_a_sync_fails_and_the_power_goes_before_any_call_after_it(places):
    calls = calls_of(next(places))
    syncs = [number for number, call in enumerate(calls) if call in ("sync", "sync_folder")]
    assert len(syncs) > 12
    for number in syncs[::2]:
        cut_everywhere(places, Disk(at(number, errno.EIO)))


def test_a_sync_that_is_tried_again_would_be_found_out(places):
    place, disk = next(places), Disk()
    place.mkdir()
    file = disk.create(place / "a.seg")
    disk.write(file, b"first")
    disk.sync(file)
    disk.write(file, b"second")
    disk.fails = at(len(disk.calls), errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        disk.sync(file)
    disk.sync(file)
    disk.sync_folder(place)
    for luck in LUCKS:
        left = next(places)
        disk.after_a_power_cut(place, left, luck)
        assert (left / "a.seg").read_bytes() == b"first" + bytes(6)
    disk.close(file)
