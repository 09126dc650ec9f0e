"""Answers of the lane with a scribe that writes: in every mode, and on a disk that is full."""

import asyncio

import pytest
from tests.doubles.kept import Kept
from tests.doubles.laned import Server, endpoint_of, linear, matrix, tensors
from tests.unit.server.journal.conftest import Pen

from trimtab.bundle.kernels import library
from trimtab.server.journal.scribe import Scribe, Way

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
BODY = tensors(("x", "FP64", [1, 3], "[[1,2,3]]"))
FULL = OSError(28, "No space left on device")


class Written(Server):
    """Its journal is written by a pen that fails when it is told to."""

    def __init__(self, lanes, share, way):
        loop = asyncio.get_running_loop()
        super().__init__(endpoint_of(matrix(), linear()), loop=loop)
        self.pen = Pen()
        self.scribe = Scribe(self.pen, Way(**way), loop, self.plane.metrics.recorded, lambda *_: None)
        Kept(self, matrix(), scribe=self.scribe, errors=share)
        self.caller = self.connect(lanes=lanes)

    async def asks(self):
        """The answer, when it has left."""
        found = self.caller.asks(BODY)
        async with asyncio.timeout(20):
            while not found:
                await asyncio.sleep(0.001)
                found = self.caller.heard()
        return found

    async def rest(self):
        async with asyncio.timeout(20):
            while self.scribe._hand.waits:  # noqa: ASYNC110 - a thread does it, which knows no events of the loop
                await asyncio.sleep(0.001)


async def story(lanes, share, way):
    """What was answered while the disk is there, is full, and is there again; what was counted; how many were kept."""
    server = Written(lanes, share, way)
    found = [await server.asks() for _ in range(2)]
    server.pen.fails = None if way["mode"] == "sent" else FULL  # which is written whenever its time comes
    found += [await server.asks() for _ in range(2)]
    server.pen.fails = None
    if way.get("on_fault") == "closed":
        server.scribe._failed_at -= 60  # some time later
    found += [await server.asks() for _ in range(2)]
    await server.rest()
    server.caller.listener.connection_lost(None)
    server.scribe.close()
    return server, found, sum(frame[0] == 1 for frame in server.pen.written)


@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
@pytest.mark.parametrize("on_fault", ["open", "closed"])
def test_answers_counts_and_records_are_those_of_the_ordinary_way(mode, on_fault, share):
    way = {"mode": mode, "on_fault": on_fault}
    fast, slow = (asyncio.run(story(lanes, share, way)) for lanes in (True, False))
    assert fast[1:] == slow[1:]
    assert fast[0].counted() == slow[0].counted()
    assert fast[0].asked < slow[0].asked
    statuses = [answer.split()[1] for (answer,) in fast[1]]
    if mode == "sent":
        assert statuses == [b"200"] * 6
    else:
        assert statuses == [b"200", b"200", *([b"503"] * 2 if on_fault == "closed" else [b"200"] * 2), b"200", b"200"]
        assert (b"x-trimtab-journal: lost" in fast[1][2][0]) is (on_fault == "open")
