"""Callers that ask all the time while something happens, and count what was no right answer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Self

__all__ = ["Callers"]


class Callers:
    """Threads that ask until the block ends. ask: what came back, in a word; empty for what should not have come."""

    def __init__(self, ask: Callable[[], tuple[str, str]], threads: int = 3) -> None:
        """ask: a word for a right answer and why one is wrong, one of them empty; what it raises is wrong, too."""
        self.answers: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._ask = ask
        self._stop = threading.Event()
        self._first = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        """Returns when each of them has had an answer."""
        for thread in self._threads:
            thread.start()
        for _ in self._threads:
            self._first.acquire(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        """Returns when the last answer is there."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _call(self) -> None:
        first = True
        while not self._stop.is_set():
            try:
                word, fault = self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
                word, fault = "", repr(error)
            (self.faults if fault else self.answers)[fault or word] += 1
            if first:
                self._first.release()
                first = False
            self._stop.wait(0.001)
