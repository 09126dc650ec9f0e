"""Streams of records, from any thread, through segments and back."""

from __future__ import annotations

import threading

import pytest

from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.records import SegmentJournal, record_frame, record_in
from trimtab.journal.segments.writer import Rotation, Writer


@pytest.fixture
def journal(folder):
    writer = Writer(folder, Rotation(size=2000))
    yield SegmentJournal(folder, writer)
    writer.close()


def test_a_record_is_json_and_says_its_stream():
    frame = record_frame("truth", {"id": "a", "value": 1.5})
    assert frame == Frame(3, b'{"stream":"truth","record":{"id":"a","value":1.5}}')
    assert record_in(frame.payload) == ("truth", {"id": "a", "value": 1.5})


def test_a_stream_has_its_records_in_order_over_segments(journal):
    for number in range(200):
        journal.append(("odd", "even")[number % 2 == 0], {"number": number, "text": "é" * 10})
    journal.sync("odd")
    assert [record["number"] for record in journal.scan("odd")] == list(range(1, 200, 2))
    assert [record["number"] for record in journal.scan("even")] == list(range(0, 200, 2))
    assert list(journal.scan("none")) == []


def test_other_frames_are_passed_over(folder):
    writer = Writer(folder)
    journal = SegmentJournal(folder, writer)
    writer.declare(b"{}")
    writer.write([Frame(2, b"\x00binary"), Frame(9, b"of a newer version")])
    journal.append("s", {})
    assert list(journal.scan("s")) == [{}]
    writer.close()


def test_what_is_not_json_is_refused_and_not_written(journal):
    with pytest.raises(TypeError):
        journal.append("s", {"x": object()})
    assert list(journal.scan("s")) == []


def test_any_thread_may_append(journal):
    def run(who):
        for number in range(50):
            journal.append("s", {"who": who, "number": number})
            journal.sync("s")

    threads = [threading.Thread(target=run, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for who in range(4):
        assert [record["number"] for record in journal.scan("s") if record["who"] == who] == list(range(50))
