"""A logbook keeps what it was told over kills, torn lines, spoiled bytes and full disks; in doubt it knows less."""

from __future__ import annotations

import errno
import json
import stat
import threading
import zlib

import pytest
from tests.doubles.nth import FAULT, FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of

from trimtab.core.errors import OutsideError
from trimtab.journal.ship.logbook import Logbook, read_logbook


@pytest.fixture
def path(journal):
    return journal / "spool/s3-00.log"


def opened(path):
    return Logbook(path, "s3://b", ("truth",))


def test_what_was_noted_is_there_for_the_next_one_and_for_its_owner_only(path):
    book = opened(path)
    assert not path.exists()
    book.note("shipped", name="a", version="1-2")
    book.note("part", name="b", version="3-4", rows=7)
    state, lines = read_logbook(path)
    assert (state.place, state.streams) == ("s3://b", ("truth",))
    assert (state.shipped, state.part) == ({"a": "1-2"}, {"b": ("3-4", 7)})
    assert state == book.state == opened(path).state
    assert lines == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_logbook_knows_nothing(path):
    assert read_logbook(path)[1] == 0


@pytest.mark.parametrize("cut", range(1, 54, 7))
def test_a_torn_line_is_passed_over_and_the_next_one_stands_on_its_own(path, cut):
    book = opened(path)
    book.note("shipped", name="a", version="1")
    book.note("shipped", name="b", version="2")
    path.write_bytes(path.read_bytes()[:-cut])
    again = opened(path)
    assert again.state.shipped == ({"a": "1"} if cut > 1 else {"a": "1", "b": "2"})  # only the line's end is cut
    again.note("shipped", name="c", version="3")
    assert opened(path).state.shipped == again.state.shipped | {"c": "3"}


def test_a_flipped_bit_anywhere_never_adds_a_file(path):
    book = opened(path)
    for name in "abc":
        book.note("shipped", name=name, version="1")
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x04]) + data[at + 1 :])
        found = read_logbook(path)[0].shipped
        assert found.items() <= book.state.shipped.items()


def test_zeros_after_a_power_cut_are_passed_over(path):
    book = opened(path)
    book.note("shipped", name="a", version="1")
    with path.open("ab") as file:
        file.write(b"\0" * 4096)
    again = opened(path)
    again.note("shipped", name="b", version="1")
    assert opened(path).state.shipped == {"a": "1", "b": "1"}


def test_a_logbook_of_a_later_trimtab_is_refused(path):
    text = b'{"what":"place","place":"s3://b","format":2}'
    path.write_bytes(b"%08x %s\n" % (zlib.crc32(text), text))
    with pytest.raises(OutsideError, match="format 2") as caught:
        opened(path)
    assert caught.value.problems[0].code == "P967"


def test_history_is_left_out_when_most_lines_are_history(path):
    book = opened(path)
    book.note("shipped", name="gone", version="1")
    book.note("shipped", name="here", version="1")
    for _ in range(150):
        book.note("begun")
    book.tidy({"here"}.__contains__)
    assert len(path.read_bytes().splitlines()) == 153
    for _ in range(150):
        book.note("begun")
    book.tidy({"here"}.__contains__)
    assert len(path.read_bytes().splitlines()) == 2
    assert book.state.shipped == opened(path).state.shipped == {"here": "1"}
    book.note("lost", name="here", files=1, bytes=5)
    assert opened(path).state.lost_bytes == 5


def noted(path):
    def act():
        book = opened(path)
        book.note("shipped", name="b", version="2")
        for _ in range(3):
            book.note("begun")

    return act


@pytest.mark.parametrize("there", [False, True])
def test_killed_or_failing_at_any_step_it_knows_what_it_knew(path, there):
    if there:
        opened(path).note("shipped", name="a", version="1")
    before = path.read_bytes() if there else None
    known = {"a": "1"} if there else {}

    def again():
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)

    steps = steps_of(noted(path))
    assert steps > 10
    ends = set()
    for number in range(steps):
        for code in (None, errno.ENOSPC, errno.EIO):
            again()
            ends.add(kill_at(number, noted(path)) if code is None else fail_at(number, noted(path), code))
            found = opened(path).state.shipped
            assert found in (known, known | {"b": "2"})
            opened(path).note("shipped", name="c", version="3")
            assert opened(path).state.shipped == found | {"c": "3"}
    assert FAULT not in ends
    assert {KILLED, REFUSED} <= ends <= {KILLED, REFUSED, FINISHED}


def test_what_could_not_be_kept_is_not_known(path, modes_count):
    del modes_count
    book = opened(path)
    book.note("shipped", name="a", version="1")
    path.chmod(0o400)
    with pytest.raises(OutsideError, match="P967"):
        book.note("shipped", name="b", version="1")
    assert book.state.shipped == {"a": "1"}
    path.chmod(0o000)
    with pytest.raises(OutsideError, match="P967"):
        opened(path)


def test_two_threads_of_a_process_may_note(path):
    book = opened(path)

    def many(name):
        for number in range(20):
            book.note("shipped", name=f"{name}{number}", version="1")

    threads = [threading.Thread(target=many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened(path).state.shipped) == 40


def test_lines_are_json_behind_a_checksum(path):
    opened(path).note("shipped", name="ä b", version="1")
    for line in path.read_bytes().splitlines():
        assert isinstance(json.loads(line[9:]), dict)
