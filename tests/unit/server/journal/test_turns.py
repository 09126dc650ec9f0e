from __future__ import annotations

import asyncio

from trimtab.server.journal.turns import Turns


def told(*turns):
    """What was handed on together, of what comes in one turn after the other; None where a turn brings nothing."""

    async def within():
        groups = []
        waiting = Turns(asyncio.get_running_loop(), groups.append)
        for turn in turns:
            for one in turn:
                waiting.add(one)
            await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(0)
        assert sum(map(len, groups)) == sum(map(len, turns))
        return ["".join(group) for group in groups]

    return asyncio.run(within())


def test_who_comes_alone_does_not_wait():
    assert told("a", "b", "c") == ["a", "b", "c"]


def test_who_comes_in_one_turn_goes_together():
    assert told("abc") == ["abc"]


def test_after_company_the_next_ones_wait_for_each_other_until_a_turn_brings_nobody():
    assert told("ab", "c", "d", "", "", "e") == ["ab", "cd", "e"]


def test_one_who_waited_in_vain_shows_that_there_is_no_company_any_more():
    assert told("ab", "c", "", "d", "e") == ["ab", "c", "d", "e"]


def test_eight_do_not_wait_for_more():
    assert told("ab", "cd", "ef", "gh", "ij", "kl") == ["ab", "cdefghij", "kl"]


def test_the_end_hands_on_what_has_come():
    async def within():
        groups = []
        waiting = Turns(asyncio.get_running_loop(), groups.append)
        waiting.add("a")
        waiting.flush()
        assert groups == [["a"]]

    asyncio.run(within())
