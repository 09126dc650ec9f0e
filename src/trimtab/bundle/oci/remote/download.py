"""A blob out of a registry: where the connection breaks it goes on from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trimtab.bundle.oci.remote.faults import Broken, unusable
from trimtab.bundle.oci.remote.session import Session
from trimtab.bundle.oci.remote.wire import Answer, Request

__all__ = ["download"]

_WHOLE: Final = 200
_PART: Final = 206
_RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


def download(session: Session, target: str, size: int, scope: str, start: int = 0) -> Iterator[bytes]:
    """The blob from that byte on, in pieces as they arrive, and at most one piece more than it should have.

    Nothing is verified: a registry that lies is found out by who knows the digest. OutsideError P247 when it stays
    broken.
    """
    tries = session.tries(target)
    at = start
    while at < size:
        try:
            for piece in _from(session, target, at, scope, size):
                at += len(piece)
                tries.moved(len(piece))
                yield piece
                if at > size:
                    return
        except Broken as fault:
            tries.failed(fault)
        else:
            return  # it ended where the registry says that it ends


def _from(session: Session, target: str, at: int, scope: str, size: int) -> Iterator[bytes]:
    headers = {"range": f"bytes={at}-"} if at else {}
    answer = session.once(Request("GET", target, headers), (_WHOLE, _PART) if at else (_WHOLE,), scope, follow=True)
    skip = _skipped(answer, target, at)
    clock, began, got = session.machine.clock, session.machine.clock(), 0
    try:
        for piece in answer.pieces():
            got += len(piece)
            if clock() - began > session.patience.time_s(got):
                raise Broken(f"sends less than {session.patience.slowest:.0f} bytes a second")
            if at - skip + got > size:  # too much: whoever reads it will say so, and not come back
                answer.close()
            if got > skip:
                yield piece[max(0, len(piece) - (got - skip)) :]
    finally:
        answer.close()


def _skipped(answer: Answer, target: str, at: int) -> int:
    """How much of the answer is known already: all before `at`, where the registry knows no ranges."""
    if answer.status == _WHOLE:
        return at
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if not found or int(found[1]) != at:
        answer.close()
        raise unusable("the registry sends another part of the blob than it was asked for", target)
    return 0
