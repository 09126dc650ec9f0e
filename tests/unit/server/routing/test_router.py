from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.doubles.routed import Harbour

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.core.traffic import Split, Traffic
from trimtab.server.routing.router import Router

HALF = Traffic("f1", 0.5)


def story(tell: Callable[[Harbour], Awaitable[None]]) -> None:
    """On a loop of its own."""

    async def told() -> None:
        await tell(Harbour())

    asyncio.run(told())


async def refused(what: Callable[[], Any]) -> str:
    """The code of what is refused."""
    try:
        found = what()
        if asyncio.iscoroutine(found):
            await found
    except TrimtabError as error:
        return error.problems[0].code
    return ""


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def flying(harbour: Harbour) -> Router:
    router = harbour.start(harbour.file(1, "a", "a", "b"))
    assert await router.fly("f1", "b")
    return router


def test_a_flight_from_its_beginning_to_its_promotion_and_after_a_kill():
    async def tell(harbour: Harbour) -> None:
        router = await flying(harbour)
        assert not await router.fly("f1", "b")
        assert router.steer(HALF, 10.0)
        assert not router.steer(HALF, 10.0)
        status = router.status()
        assert (status.champion, status.challenger, status.state, status.traffic) == ("a", "b", "ready", HALF)
        assert 9 < status.lease_s <= 10
        assert await router.promote("f1")
        assert not await router.promote("f1")
        assert (router.champion.name, await refused(router.status)) == ("b", "P362")
        assert (harbour.disk.champion, harbour.disk.flight) == ("b", "f1") if harbour.disk else False
        again = harbour.start(harbour.file(1, "a", "a", "b"))
        assert (again.champion.name, await again.promote("f1")) == ("b", False)
        assert await refused(lambda: again.promote("f2")) == "P362"

    story(tell)


def test_a_promotion_that_cannot_be_written_down_has_not_happened():
    async def tell(harbour: Harbour) -> None:
        router = await flying(harbour)
        harbour.full = True
        with pytest.raises(OutsideError):
            await router.promote("f1")
        assert (router.champion.name, router.status().challenger) == ("a", "b")
        assert router.around.sides["champion"].backend.host == "a"
        harbour.full = False
        assert await router.promote("f1")
        assert router.around.sides["champion"].backend.host == "b"

    story(tell)


def test_what_does_not_fit_is_refused_by_its_code():
    async def tell(harbour: Harbour) -> None:
        router = harbour.start(harbour.file(1, "a", "a", "b", "ill"))
        assert await refused(lambda: router.fly("f1", "a")) == "P363"
        assert await refused(lambda: router.fly("f1", "c")) == "P363"
        assert await refused(lambda: router.steer(HALF, 1.0)) == "P362"
        assert await router.fly("f1", "ill")
        assert await refused(lambda: router.fly("f2", "b")) == "P361"
        assert await refused(lambda: router.steer(HALF, 1.0)) == "P364"
        assert await refused(lambda: router.promote("f1")) == "P364"
        assert await refused(lambda: router.end("f2")) == "P361"
        router.steer(Traffic("f1"), 1.0)
        harbour.made["ill"].says("ready")
        assert await refused(lambda: router.steer(Traffic("f1", 0.5, 0.0, Split("column", "x")), 1.0)) == "P371"
        assert await router.end("f1")
        assert not await router.end("f1")
        assert "challenger" not in router.around.sides

    story(tell)


def test_a_challenger_that_is_not_well_any_more_and_a_lease_that_ends_expose_nobody():
    async def tell(harbour: Harbour) -> None:
        router = await flying(harbour)
        looking = asyncio.ensure_future(router.look())
        router.steer(HALF, 0.01)
        await until(lambda: not router.status().traffic.share)
        assert (router.status().lease_s, router.status().state) == (0.0, "ready")
        router.steer(HALF, 60.0)
        harbour.made["b"].says("failed", "connection refused")
        await until(lambda: bool(router.status().why))
        looking.cancel()
        assert (router.status().state, router.status().traffic.share) == ("failed", 0.0)
        assert "challenger" not in router.around.sides
        assert harbour.log == ["lease over", "flight failed"]

    story(tell)


def test_a_new_champion_answers_and_who_has_gone_is_drained():
    async def tell(harbour: Harbour) -> None:
        router = harbour.start(harbour.file(1, "a", "a", "b"))
        old = harbour.made["a"]
        await router.reread(lambda: harbour.file(2, "b", "b"))
        assert (router.refused, router.state.version, router.looks, router.seen) == ("", 2, 1, 2)
        assert router.around.sides["champion"].backend.host == "b"
        assert (old.gone, old.closed, harbour.made["b"].gone) == (True, True, False)
        assert harbour.disk == router.state
        await router.reread(lambda: harbour.file(2, "b", "b"))
        assert (router.refused, router.looks, len(harbour.written)) == ("", 2, 2)

    story(tell)


def test_a_champion_that_is_not_well_is_refused_with_its_whole_file():
    async def tell(harbour: Harbour) -> None:
        router = harbour.start(harbour.file(1, "a", "a", "b"))
        before = dict(router.fleet.backings)
        await router.reread(lambda: harbour.file(2, "ill", "ill", "c"))
        assert "the champion `ill` is not well" in router.refused
        assert (router.state.version, router.seen, router.fleet.backings) == (1, 2, before)
        assert (harbour.made["ill"].closed, harbour.made["c"].closed, harbour.made["a"].gone) == (True, True, False)

    story(tell)


@pytest.mark.parametrize("full", [True, False])
def test_a_file_that_cannot_be_read_or_written_down_changes_nothing(full):
    async def tell(harbour: Harbour) -> None:
        router = harbour.start(harbour.file(1, "a", "a"))
        harbour.full = full

        def read() -> Any:
            if full:
                return harbour.file(2, "b", "a", "b")
            raise UserError(Problem("P380", "this is not JSON"))

        await router.reread(read)
        assert router.refused
        assert (router.champion.name, router.state.version, set(router.fleet.backings)) == ("a", 1, {"a"})
        assert not full or harbour.made["b"].closed
        harbour.full = False
        await router.reread(lambda: harbour.file(2, "b", "a", "b"))
        assert (router.refused, router.champion.name) == ("", "b")

    story(tell)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ((2, "c", "a", "b", "c"), "made `c` the champion"),
        ((2, "b", "a", "b"), "made `b` the champion"),
        ((2, "a", "a"), "`b` has gone"),
        ((2, "a", "a", "b2"), "`b` has gone from the routes file, or has another address"),
        ((2, "a", "a2", "b"), "made `a` the champion"),
    ],
)
def test_a_flight_fails_whose_arms_the_file_changes(file, why):
    async def tell(harbour: Harbour) -> None:
        router = await flying(harbour)
        router.steer(HALF, 60.0)
        await router.reread(lambda: harbour.file(*file))
        assert router.refused == ""
        status = router.status()
        assert (status.state, status.traffic.share) == ("failed", 0.0)
        assert why in status.why
        assert await refused(lambda: router.promote("f1")) == "P364"
        assert await router.end("f1")

    story(tell)


def test_a_flight_goes_on_whose_arms_the_file_leaves_alone():
    async def tell(harbour: Harbour) -> None:
        router = await flying(harbour)
        router.steer(HALF, 60.0)
        await router.reread(lambda: harbour.file(2, "a", "a", "b", "c"))
        assert (router.status().state, router.status().traffic) == ("ready", HALF)
        assert await router.promote("f1")
        assert (router.state.version, router.champion.name) == (2, "b")

    story(tell)


def test_it_is_ready_as_long_as_what_answers_is_well_and_more_is_taken():
    async def tell(harbour: Harbour) -> None:
        router = harbour.start(harbour.file(1, "a"))
        assert router.ready
        harbour.made["a"].says("failed")
        assert not router.ready
        harbour.made["a"].says("ready")
        router.around.stopping = True
        assert not router.ready

    story(tell)
