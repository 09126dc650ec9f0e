from __future__ import annotations

import pytest
from tests.doubles.lines import around

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.around import Ended
from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.shadow import Shadow
from trimtab.server.heads import framed

HTTP = framed(b"POST /x HTTP/1.1\r\nhost: a\r\n\r\n").request


def ended(made, arm="champion", status=200, request=b"{}", answer=b'{"predictions": [1]}') -> Ended:
    return Ended(HTTP, made.sides[arm], "champion", 1.0, status, 0.1, request, answer, json=True)


def answered(line, body: bytes, status: int = 200) -> None:
    head = AnswerHead(status, b"", (), len(body), len(body), chunked=False, kept=True, json=True)
    line.asker.heard(head, body, last=True)


@pytest.mark.parametrize(
    ("champion", "status", "body", "counts"),
    [
        (200, 200, b'{"predictions": [1.0]}', (1, 0, 0)),
        (200, 200, b'{"predictions": [2.0]}', (1, 1, 0)),
        (200, 200, b"no json", (0, 0, 0)),
        (200, 422, b"{}", (1, 1, 0)),
        (422, 422, b'{"predictions": [1]}', (1, 0, 0)),
        (200, 500, b"{}", (0, 0, 1)),
    ],
)
def test_two_answers_are_compared(champion, status, body, counts):
    made, pools, clock = around()
    Shadow(made).ended(ended(made, status=champion))
    (line,) = pools["challenger"].lines
    assert line.sent[0].startswith(b"POST /x HTTP/1.1\r\nhost: b:2\r\n")
    assert line.sent[0].endswith(b"content-length: 2\r\n\r\n{}")
    clock.now += 1
    answered(line, body, status)
    tally = made.tally
    assert (tally.compared, tally.disagreed, tally.failed, tally.mirrored) == (*counts, 1)
    assert sum(tally.counts().delay) == 1


def test_more_than_there_is_room_for_is_dropped_and_room_comes_back():
    made, pools, _ = around(shadows=1)
    shadow = Shadow(made)
    for _ in range(3):
        shadow.ended(ended(made))
    assert (made.tally.mirrored, made.tally.dropped) == (1, 2)
    pools["challenger"].lines[0].asker.broke(Broken("closed", "gone"))
    shadow.ended(ended(made))
    assert (made.tally.mirrored, made.tally.failed) == (2, 1)


def test_what_is_too_long_or_went_wrong_or_was_the_challengers_is_not_mirrored():
    made, pools, _ = around()
    shadow = Shadow(made)
    shadow.ended(ended(made, request=None))
    shadow.ended(ended(made, status=502))
    shadow.ended(ended(made, arm="challenger"))
    assert pools["challenger"].lines == []
    assert (made.tally.mirrored, made.tally.dropped) == (0, 1)
    del made.sides["challenger"]
    shadow.ended(ended(made))
    assert made.tally.mirrored == 0
