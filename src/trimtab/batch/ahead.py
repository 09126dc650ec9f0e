"""Reading ahead and writing behind: one thread each, so that decode, prediction and encode overlap; order is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Generic, Self, TypeVar

__all__ = ["Behind", "ahead"]

T = TypeVar("T")
_DEPTH = 2


def ahead(items: Iterator[T], depth: int = _DEPTH) -> Generator[T, None, None]:
    """The same items in the same order, up to `depth` of them made in a thread before they are asked for."""
    with ThreadPoolExecutor(1, "trimtab-read") as pool:

        def submit() -> Future[list[T]]:
            return pool.submit(lambda: list(islice(items, 1)))

        pending = deque(submit() for _ in range(depth))
        while one := pending.popleft().result():
            pending.append(submit())
            yield one[0]


class Behind(Generic[T]):
    """Calls `take` with each item in a thread, in order; `put` waits when `depth` are outstanding.

    An error of `take` comes out of the next `put` or of the end of the `with` block, and nothing is taken after it.
    """

    def __init__(self, take: Callable[[T], None], depth: int = _DEPTH) -> None:
        """`take` is called by one thread only."""
        self._take = take
        self._depth = depth
        self._pending: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(1, "trimtab-write")
        self._failed = False

    def put(self, item: T) -> None:
        """Hand over one item; raises what `take` raised for an earlier one."""
        while len(self._pending) >= self._depth:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._call, item))

    def _call(self, item: T) -> None:
        if self._failed:
            return
        try:
            self._take(item)
        except BaseException:
            self._failed = True
            raise

    def __enter__(self) -> Self:
        """Itself; the thread starts with the first item."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for all items; after an error of the block the rest is dropped."""
        self._failed = self._failed or kind is not None
        self._pool.shutdown(wait=True)
        if kind is None:
            while self._pending:
                self._pending.popleft().result()
