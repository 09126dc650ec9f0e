"""Segments that are still written to while somebody is forgotten."""

from __future__ import annotations

from tests.doubles.logged import NOON

from trimtab.journal.privacy.sweep import clean
from trimtab.journal.privacy.tombstones import begin, tombstones
from trimtab.journal.privacy.writers import ROTATE, ask_writers, wait_for_more
from trimtab.journal.seal.seal import seal


def test_each_asking_is_seen(folder):
    seen = set()
    for _ in range(3):
        ask_writers(folder)
        seen.add((folder.segments / ROTATE).stat().st_mtime_ns)
    assert len(seen) == 3
    assert (folder.segments / ROTATE).stat().st_mode & 0o777 == 0o600


def test_a_tombstone_that_waits_is_waited_for(folder, keys, people):
    path = begin(folder, keys.subject("anna"), NOON, [people.writer.name])
    assert wait_for_more(folder, path)
    assert not (folder.segments / ROTATE).exists()


def test_what_was_answered_at_that_moment_is_found_where_it_was_written_later(folder, keys, people):
    id_ = people.ask("anna")
    people.writer.rotate()
    path = begin(folder, keys.subject("anna"), NOON + 5, [])
    seal(folder)
    clean(folder)
    assert tombstones(folder)[path].done
    people.ask("bert")
    people.ask("anna", time=NOON + 6)
    assert not wait_for_more(folder, path), "another person, and a later question"
    people.ask("bert", "anna")
    assert wait_for_more(folder, path)
    assert tombstones(folder)[path].waits == (people.writer.name,)
    assert (folder.segments / ROTATE).exists()
    people.writer.rotate()
    seal(folder)
    clean(folder)
    assert not wait_for_more(folder, path)
    people.tell("feedback", id_, "anna")
    assert wait_for_more(folder, path), "somebody said something of it"
    people.end()
    seal(folder)
    clean(folder)
    assert not wait_for_more(folder, path)
    assert not any("said of anna" in str(row) for row in people.rows("feedback"))


def test_frames_of_nobody_are_passed_over(folder, keys, people):
    from trimtab.journal.segments.frames import Frame, Kind

    path = begin(folder, keys.subject("anna"), NOON, [])
    clean(folder)
    people.writer.write(
        [Frame(Kind.INTERACTION, b"?"), Frame(Kind.RECORD, b"[]"), Frame(9, b""), Frame(Kind.GAP, b"{}")]
    )
    people.logging.tell("truth", nothing=1)
    people.logging.tell("audit", id="a")
    assert not wait_for_more(folder, path)
