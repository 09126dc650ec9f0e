"""Callers on a socket linked with an echo that stands for grpcio: joined, refused, let go in their time."""

import asyncio
import contextlib
import secrets
import socket
from types import SimpleNamespace

import pytest
import uvloop

from trimtab.server.grpc.frames import PING, farewell
from trimtab.server.grpc.front import Linking
from trimtab.server.guard.peer import Peer
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
CALL = bytes([0, 0, 0, 1, 4, 0, 0, 0, 1])  # HEADERS that are whole, of a call that goes on
END = bytes([0, 0, 0, 0, 1, 0, 0, 0, 1])  # DATA that is the last of it
ECHO = bytes([0, 0, 8, 6, 1, 0, 0, 0, 0]) + b"trimtab!"
WAIT_S = 20


def told(story, *, answering=True, loop_factory=None):
    """Run a story with callers in front of something that greets and then sends back what it gets."""

    handlers, names = [], []

    async def serve(reader, writer):
        handlers.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            names.append(writer.get_extra_info("peername"))
            writer.write(SETTINGS)
            await reader.readexactly(len(PREFACE))
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def run():
        name = f"trimtab-test-{secrets.token_hex(8)}"
        inner = await asyncio.start_unix_server(serve, f"\0{name}") if answering else None
        with socket.create_server(("127.0.0.1", 0)) as listening:
            linking = Linking(name)
            await linking.listen(listening, Renewal(Settings()))
            place = listening.getsockname()
            await asyncio.wait_for(
                story(SimpleNamespace(linking=linking, names=names, call=lambda: asyncio.open_connection(*place))),
                3 * WAIT_S,
            )
            linking.abort()
        await asyncio.gather(*handlers)
        if inner is not None:
            inner.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(run())


def name_of(peername):
    """An abstract name as it was bound."""
    return (peername if isinstance(peername, str) else peername.decode()).removeprefix("\0")


async def greeted(call):
    reader, writer = await call()
    writer.write(PREFACE)
    assert await reader.readexactly(len(SETTINGS)) == SETTINGS
    return reader, writer


def test_a_caller_is_linked_with_what_answers():
    async def story(server):
        reader, writer = await greeted(server.call)
        writer.write(CALL + b"\0")
        assert await reader.readexactly(10) == CALL + b"\0"
        writer.close()

    told(story)


def test_a_caller_is_let_go_when_there_is_nothing_to_link_him_with():
    async def story(server):
        reader, writer = await server.call()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        writer.close()

    told(story, answering=False)


def test_draining_ends_when_the_last_call_is_answered():
    async def story(server):
        reader, writer = await greeted(server.call)
        writer.write(CALL)
        assert await reader.readexactly(9) == CALL
        draining = asyncio.ensure_future(server.linking.drain(WAIT_S))
        assert (await reader.readexactly(34))[3] == 7  # GOAWAY and PING
        writer.write(ECHO)
        assert sorted([await reader.readexactly(17), await reader.readexactly(17)]) == sorted([PING, ECHO])
        writer.write(ECHO)
        assert await reader.readexactly(17) == ECHO
        assert not draining.done()
        writer.write(END)
        assert await reader.read() == END + farewell(1)
        await draining
        writer.close()

    told(story)


def test_whoever_is_silent_is_told_later_and_let_go():
    async def story(server):
        reader, writer = await greeted(server.call)
        await server.linking.drain(WAIT_S)
        assert len(await reader.read()) == 34
        writer.close()

    told(story)


def test_draining_never_lasts_longer_than_its_patience():
    async def story(server):
        reader, writer = await greeted(server.call)
        writer.write(CALL)
        await reader.readexactly(9)
        await server.linking.drain(0.01)
        server.linking.abort()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(100)
        writer.close()

    told(story)


def test_after_the_end_nobody_new_is_taken():
    async def story(server):
        server.linking.close()
        with pytest.raises(ConnectionError):
            await server.call()

    told(story)


LOOPS = pytest.mark.parametrize("loop_factory", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


@LOOPS
def test_who_is_linked_is_known_by_the_name_of_our_end_while_it_is_bound_and_no_longer(loop_factory):
    async def story(server):
        ends = [await greeted(server.call), await greeted(server.call)]
        first, second = map(name_of, server.names)
        assert (len(first), first != second) == (len("trimtab-peer-") + 32, True)
        assert server.linking.peer(first) == server.linking.peer(second) == Peer("127.0.0.1")
        assert server.linking.peer("other") is None
        for name in (first, second):
            with socket.socket(socket.AF_UNIX) as thief, pytest.raises(OSError, match="in use"):
                thief.bind(f"\0{name}")
        ends[0][1].close()
        with socket.socket(socket.AF_UNIX) as thief:
            while True:
                try:
                    thief.bind(f"\0{first}")
                except OSError:
                    await asyncio.sleep(0)
                else:
                    break
            assert server.linking.peer(first) is None  # by the time that somebody else can have it
        assert server.linking.peer(second) is not None
        ends[1][1].close()

    told(story, loop_factory=loop_factory)


@LOOPS
def test_nobody_is_known_who_could_not_be_linked(loop_factory):
    async def story(server):
        reader, writer = await server.call()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        writer.close()
        assert server.linking._peers == {}

    told(story, answering=False, loop_factory=loop_factory)
