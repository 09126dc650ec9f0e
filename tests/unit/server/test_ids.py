"""Ids that are given to requests which bring none."""

import re
import threading
from itertools import islice

from trimtab.server.ids import own_ids


def test_one_process_counts_and_no_two_share_their_chance():
    first, second = [list(islice(own_ids(), 17)) for _ in range(2)]
    assert all(re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", one) for one in first)
    assert len({one.partition("-")[0] for one in first}) == 1
    assert [int(one.partition("-")[2], 16) for one in first] == list(range(17))
    assert not set(first) & set(second)


def test_threads_never_take_the_same_one():
    ids, taken = own_ids(), [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda mine=mine: mine.extend(islice(ids, 2000))) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({one for mine in taken for one in mine}) == 4 * 2000
