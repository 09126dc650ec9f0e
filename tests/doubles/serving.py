"""Forks a serving process as it is told, one after the other: says its process id, and when it has ended its status.

python tests/doubles/serving.py FD   a socket on which a message holds the kind of model, whether it listens early, and
settings; with it come the line to the supervisor, the socket to listen on, and the pipe that the model waits on
"""

import contextlib
import http.client
import json
import os
import resource
import select
import signal
import socket
import sys
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import msgspec

from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.app import open_app
from trimtab.server.door import Doorways
from trimtab.server.forked import as_child
from trimtab.server.opening import fork_nurseries
from trimtab.server.process import Beat, serve
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

SIGNATURE = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")


MANY = 10_000


def new_pages():
    """How many the system gives to this process for arrays that come and go."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        three = b"1" * 5_000_000, b"2" * 5_000_001, b"3" * 5_000_002  # 3,700 pages
        del three
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@dataclass
class Bundle:
    """In memory; its kind says what it does, and `go` is a pipe that it waits on."""

    kind: str
    go: int
    name: str = "m"
    digest: str = "sha256:" + "ab" * 32
    signature: Signature = SIGNATURE
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))
    inline: bool = True

    def load(self):
        if self.kind == "waits":
            os.write(2, b"%d loads\n" % os.getpid())
            os.read(self.go, 1)
        if self.kind == "weighs" and new_pages() < MANY:
            raise ValueError("memory is kept already while it loads")
        if self.kind.startswith("raises"):
            raise ValueError("no weights" * int(self.kind.split()[1]))
        return self.predict

    def predict(self, table):
        x = table.columns["x"].values
        if (x == 13.0).any():
            os.write(2, b"%d asked\n" % os.getpid())
            os.read(self.go, 1)
        return {"y": x * 0 + new_pages() if self.kind == "weighs" and len(x) == 1 else x * 2}

    def privacy(self):
        return {}

    def golden(self):
        table = check(SIGNATURE, {"x": [1.0, 2.0]})
        wrong = 1.0 if self.kind == "unfit" else 0.0
        return Golden(table, {"y": table.columns["x"].values * 2 + wrong}, 0.0, 0.0)


def one(line_fd, door_fd, go, kind, early, given):
    """Serve; the exit status."""
    line, door = socket.socket(fileno=line_fd), socket.socket(fileno=door_fd)
    settings = Settings(processes=1, **given)
    app = open_app({"m": Bundle(kind, go, inline=not settings.workers)}, settings, lambda *_: None)
    line.setblocking(False)
    doorways = Doorways(door, Renewal(settings))
    return serve(app, fork_nurseries(app.plane.endpoints, settings), doorways, line, early=early)


class Process:
    """A serving process, as its supervisor has it."""

    def __init__(self, control, kind, settings, *, early, unread):
        self.control, self.status = control, None
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while unread:
                theirs.send(b"{}")
        waits, self.go = os.pipe()
        door = socket.create_server(("127.0.0.1", 0))
        self.place = door.getsockname()
        socket.send_fds(
            control, [json.dumps([kind, early, settings]).encode()], [theirs.fileno(), door.fileno(), waits]
        )
        self.pid = self.told("pid")
        theirs.close()
        door.close()
        os.close(waits)
        self.line.settimeout(30)

    def told(self, what):
        """A number that the program says, which is that one and no other."""
        word, number = self.control.recv(100).decode().split()
        assert word == what
        return int(number)

    def beat(self, state):
        """The first beat of that state."""
        while data := self.line.recv(2**20):
            beat = msgspec.json.decode(data, type=Beat)
            if beat.state == state:
                return beat
        raise AssertionError(f"it ended before it was {state}")

    def states(self):
        """Of all beats until its end."""
        found = []
        with contextlib.suppress(ConnectionResetError):
            while data := self.line.recv(2**20):
                found.append(msgspec.json.decode(data, type=Beat).state)
        return found

    def opens(self):
        """What the model waits for."""
        os.write(self.go, b"x")

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self):
        """Its exit status."""
        if self.status is None:
            assert select.select([self.control], [], [], 30)[0], "it does not end"
            self.status = self.told("status")
        return self.status

    def connection(self):
        return http.client.HTTPConnection(*self.place, timeout=30)

    def close(self):
        if self.status is None:
            if not select.select([self.control], [], [], 0)[0]:
                self.signal(signal.SIGKILL)
            self.end()
        self.line.close()
        os.close(self.go)


if __name__ == "__main__":
    control = socket.socket(fileno=int(sys.argv[1]))
    while True:
        data, fds, _, _ = socket.recv_fds(control, 65536, 3)
        if not data:
            break
        parent, pid = os.getpid(), os.fork()
        if pid == 0:
            control.close()
            as_child(parent, partial(one, *fds, *json.loads(data)))
        for fd in fds:
            os.close(fd)
        control.send(b"pid %d" % pid)
        control.send(b"status %d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
