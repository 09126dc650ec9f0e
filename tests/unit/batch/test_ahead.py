"""Reading ahead and writing behind keep order and errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from trimtab.batch.ahead import Behind, ahead


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_items_come_in_order_and_none_is_lost(count: int) -> None:
    assert list(ahead(iter(range(count)))) == list(range(count))


def test_the_next_item_is_made_while_one_is_used() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    stream = ahead(items())
    assert next(stream) == 1
    assert made.wait(10)
    assert list(stream) == [2]


def test_no_more_is_made_than_the_depth() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            made.append(item)
            yield item

    stream = ahead(items(), depth=2)
    for _ in range(3):
        next(stream)
    stream.close()
    assert len(made) <= 3 + 2


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        msg = "broken"
        raise ValueError(msg)

    stream = ahead(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_everything_put_is_taken_in_order_by_the_end_of_the_block() -> None:
    taken: list[int] = []
    with Behind[int](taken.append) as behind:
        for item in range(100):
            behind.put(item)
    assert taken == list(range(100))


def test_an_error_of_the_taker_comes_out_and_nothing_is_taken_after_it() -> None:
    taken: list[int] = []

    def take(item: int) -> None:
        if item == 3:
            msg = "full"
            raise OSError(msg)
        taken.append(item)

    def put_all() -> None:
        with Behind[int](take) as behind:
            for item in range(100):
                behind.put(item)

    with pytest.raises(OSError, match="full"):
        put_all()
    assert taken == [0, 1, 2]


def test_an_error_of_the_last_item_is_not_lost() -> None:
    def take(_: int) -> None:
        msg = "full"
        raise OSError(msg)

    with pytest.raises(OSError, match="full"), Behind[int](take) as behind:
        behind.put(1)


def test_after_an_error_of_the_block_what_waits_is_dropped() -> None:
    taken: list[int] = []
    started, hold = threading.Event(), threading.Event()

    def take(item: int) -> None:
        started.set()
        hold.wait(10)
        taken.append(item)

    def block() -> None:
        with Behind[int](take) as behind:
            behind.put(1)
            behind.put(2)
            started.wait(10)
            threading.Timer(0.05, hold.set).start()
            msg = "mine"
            raise KeyError(msg)

    with pytest.raises(KeyError, match="mine"):
        block()
    assert taken == [1]
