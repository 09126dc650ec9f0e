"""Has a server go, and sees it gone."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from trimtab.targets.faults import no_answer
from trimtab.targets.local.files import SETTINGS
from trimtab.targets.local.seat import Seat, SilentError

__all__ = ["end_of"]

_DRAIN_S: Final = 45.0  # a drain takes 20 s at most
_GONE_S: Final = 5.0


def end_of(seat: Seat, patience_s: float) -> None:
    """Returns when no server is there any more, and what it took is answered; at once where there is none.

    patience_s: for one that still loads; then it is killed, as nobody has been answered by it. OutsideError P502 for
    one that stays.
    """
    try:
        hello = seat.hello(patience_s)
        if hello is not None:
            with _process(hello.pid) as process:
                if seat.leave(patience_s) is not None and not _ends(process, _DRAIN_S):
                    _kill(process)
    except SilentError:
        with _process(seat.pid()) as process:
            if not _is_ours(seat) or not _kill(process):
                what = f"the server there has not said a word for {patience_s:g} s, and does not end"
                raise no_answer(what, str(seat.path), "`server.log` beside it has its words") from None
    seat.path.unlink(missing_ok=True)


@contextmanager
def _process(pid: int) -> Iterator[int]:
    """A descriptor of the process; -1 where there is none."""
    try:
        process = os.pidfd_open(pid) if pid > 0 else -1
    except ProcessLookupError:
        process = -1
    try:
        yield process
    finally:
        if process >= 0:
            os.close(process)


def _is_ours(seat: Seat) -> bool:
    """Whether who listens there serves from its folder: until it has come so far, that is whoever has started it."""
    try:
        words = Path(f"/proc/{seat.pid()}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(seat.path.parent / SETTINGS) in words


def _kill(process: int) -> bool:
    with suppress(OSError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    return _ends(process, _GONE_S)


def _ends(process: int, wait_s: float) -> bool:
    if process < 0:
        return True
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(wait_s * 1000))
