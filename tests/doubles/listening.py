"""One connection over a transport in memory and a clock that the test turns."""

from types import SimpleNamespace

from trimtab.server.listener import Listener
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer

GET = b"GET /%d HTTP/1.1\r\nhost: a\r\n\r\n"
TIMES = Settings(header_timeout_s=1, body_timeout_s=2, idle_timeout_s=3, write_timeout_s=4)


class Transport:
    """Keeps what is written and what is done to it."""

    def __init__(self):
        self.out, self.reading, self.closed, self.aborted = b"", True, 0, 0
        self.held = 0  # bytes that the caller has not taken

    def write(self, data):
        assert not self.closed, "written after the end"
        self.out += data

    def pause_reading(self):
        assert self.reading
        self.reading = False

    def resume_reading(self):
        assert not self.reading
        self.reading = True

    def get_write_buffer_size(self):
        return self.held

    def get_extra_info(self, name):
        return {"socket": None, "peername": ("192.0.2.7", 4321)}[name]

    def close(self):
        self.closed += 1

    def abort(self):
        self.aborted += 1


class App:
    """Keeps requests; the test answers them by number, in any order."""

    def __init__(self, settings):
        self.plane = SimpleNamespace(settings=settings, stopping=False)
        self.asked, self.settled = [], []
        self.lanes = None

    def answer(self, http, send, peer):
        assert peer.address == "192.0.2.7"
        number = len(self.asked)
        self.asked.append((http, send))
        return SimpleNamespace(settle=lambda why: self.settled.append((number, why)))

    def refuse(self, refusal):
        return Answer(refusal.status, refusal.what.encode())


class Story:
    def __init__(self, loop, settings=TIMES):
        self.transport, self.loop, self.app, self.open = Transport(), loop, App(settings), set()
        self.listener = Listener(self.app, self.open, self.loop)
        self.listener.connection_made(self.transport)

    def gets(self, *numbers):
        self.listener.data_received(b"".join(GET % number for number in numbers))

    def answers(self, *numbers):
        for number in numbers:
            self.app.asked[number][1](Answer(200, b"<%d>" % number))

    def bodies(self):
        """The bodies that have left, and whether each said that it is the last one."""
        parts = self.transport.out.split(b"HTTP/1.1 ")[1:]
        return [(part.partition(b"\r\n\r\n")[2].decode(), b"connection: close" in part.lower()) for part in parts]
