from __future__ import annotations

from tests.doubles.lines import MemoryLine

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.collecting import Collected, Collecting
from trimtab.server.gateway.deadlines import Deadlines

HEAD = AnswerHead(200, b"", (), 4, 4, chunked=False, kept=True, json=True)


def asked(most: int = 10):
    told: list[Collected | Broken] = []
    asking, line, deadlines = Collecting(b"GET", most, told.append), MemoryLine(), Deadlines()
    asking.until(5.0, deadlines)
    asking.connected(line)
    return asking, line, deadlines, told


def test_pieces_become_one_answer():
    asking, line, deadlines, told = asked()
    asking.heard(HEAD, b"ab", last=False)
    assert told == []
    asking.heard(None, b"cd", last=True)
    assert (told, line.sent, asking.gone, deadlines.waiting) == (
        [Collected(200, b"abcd", json=True)],
        [b"GET"],
        True,
        set(),
    )


def test_a_body_that_is_too_long_is_left_out():
    asking, _, _, told = asked(3)
    asking.heard(HEAD, b"abcd", last=True)
    assert told == [Collected(200, None, json=True)]


def test_who_is_late_is_told_once_and_its_connection_broken_off():
    asking, line, deadlines, told = asked()
    deadlines.look(5.0)
    asking.broke(Broken("closed", "it closed"))
    assert [one.ending for one in told] == ["late"]
    assert line.aborted
    assert deadlines.waiting == set()
