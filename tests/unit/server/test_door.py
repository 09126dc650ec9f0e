"""A door on a real socket, on both event loops: what it speaks changes, and nobody notices who does not look."""

import asyncio
import contextlib
import errno
import socket
import ssl
from pathlib import Path

import pytest
import uvloop
from tests.doubles.certificates import Authority

from trimtab.server.door import Door, Doorways
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

ROOT = Authority("root")
LOOPS = pytest.mark.parametrize("loop_factory", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class Listening(socket.socket):
    """A listening socket; `full`: as if there were no descriptor left."""

    full = False

    def dup(self):
        if self.full:
            raise OSError(errno.EMFILE, "too many open files")
        return super().dup()


def trusting():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ROOT.crt.decode())
    return context


class Place:
    """A door and callers of it."""

    def __init__(self, files):
        self.files, self.listening = files, Listening()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen()
        self.door = Door(Echo, Renewal(Settings(tls=files)), "http/1.1")
        self.tls = {"ssl": trusting(), "server_hostname": "localhost"} if files else {}
        self.address = self.listening.getsockname()

    async def come(self):
        return await asyncio.open_connection(*self.address, **self.tls)

    async def shown(self):
        """Whose certificate it is that a new caller is shown."""
        ends = await self.come()
        said = common(ends)
        await left(ends)
        return said


def told(loop_factory, story, files=None):
    async def opened():
        place = Place(files)
        await place.door.open(place.listening)
        try:
            await asyncio.wait_for(story(place), 60)
        finally:
            place.door.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(opened())


async def echoes(ends):
    ends[1].write(b"x")
    return await asyncio.wait_for(ends[0].readexactly(1), 20) == b"x"


async def left(ends):
    ends[1].close()
    with contextlib.suppress(OSError):
        await ends[1].wait_closed()


def common(ends):
    return ends[1].get_extra_info("peercert")["subject"][0][0][1]


def replace(files, identity):
    """As one should: nobody ever reads half a file."""
    for path, data in zip(files, (identity.crt, identity.private()), strict=True):
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.rename(path)


@pytest.fixture
def files(tmp_path):
    return tuple(map(Path, ROOT.issues("first", "server").write(tmp_path, "tls")))


@LOOPS
def test_without_tls_it_takes_connections_until_it_is_closed(loop_factory):
    async def story(place):
        ends = await place.come()
        assert await echoes(ends)
        place.door.close()
        assert place.listening.fileno() == -1
        with pytest.raises(ConnectionError):
            await place.come()
        assert await echoes(ends)  # what was taken is not touched
        await left(ends)

    told(loop_factory, story)


@LOOPS
def test_connections_that_exist_go_on_and_new_ones_speak_what_is_new(loop_factory, files):
    async def story(place):
        first = await place.come()
        await place.door.look()
        replace(files, ROOT.issues("second", "server"))
        await place.door.look()
        second = await place.come()
        assert (common(first), common(second)) == ("first", "second")
        files[1].write_text("none")
        await place.door.look()
        third = await place.come()
        assert common(third) == "second"
        for ends in (first, second, third):
            assert await echoes(ends)
            await left(ends)

    told(loop_factory, story, files)


@LOOPS
def test_nobody_who_comes_meanwhile_is_lost(loop_factory, files):
    identities = [ROOT.issues("a", "server"), ROOT.issues("b", "server")]

    async def story(place):
        came, over = [], asyncio.Event()

        async def keep_coming():
            while not over.is_set():
                ends = await place.come()
                assert await echoes(ends)
                came.append(common(ends))
                await left(ends)

        callers = [asyncio.ensure_future(keep_coming()) for _ in range(4)]
        for number in range(40):
            replace(files, identities[number % 2])
            await place.door.look()
            assert await place.shown() == "ab"[number % 2]
        over.set()
        await asyncio.gather(*callers)
        assert len(came) >= 40

    told(loop_factory, story, files)


@LOOPS
def test_where_no_descriptor_is_left_the_one_before_goes_on_until_there_is(loop_factory, files):
    async def story(place):
        replace(files, ROOT.issues("second", "server"))
        place.listening.full = True
        await place.door.look()
        assert await place.shown() == "first"
        place.listening.full = False
        await place.door.look()
        assert await place.shown() == "second"

    told(loop_factory, story, files)


def test_there_need_be_no_way_in_for_grpc():
    with socket.socket() as http:
        assert Doorways(http, Renewal(Settings())).grpc is None
