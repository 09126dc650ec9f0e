"""One HTTP request inside a container: it needs no published port, and works wherever the engine does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from trimtab.targets.container import commands
from trimtab.targets.container.engine import Engine

__all__ = ["Answer", "ask"]

# standard library only; the first line it prints is the status. It waits in there, for to start a process in a
# container costs more than all that it asks
_PROGRAM: Final = """
import http.client, sys, time
port, method, path, wait = sys.argv[1:]
body, until = sys.stdin.buffer.read() or None, time.monotonic() + float(wait)
while True:
    late = time.monotonic() >= until
    try:
        line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        line.request(method, path, body, {"content-type": "application/json"})
        answer = line.getresponse()
        said = answer.read()
        if late or answer.status != 503:
            break
    except OSError:
        if late:
            raise
    time.sleep(0.05)
sys.stdout.buffer.write(b"%d\\n" % answer.status + said)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 where nobody answers; why: then, what the container said instead."""

    status: int
    body: str = ""
    why: str = ""

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def ask(engine: Engine, place: tuple[str, int], way: tuple[str, str], body: bytes = b"", wait_s: float = 0.0) -> Answer:
    """place: container and port; way: method and path. wait_s: it may take until somebody answers there with no 503.

    OutsideError P502 where the engine cannot be run at all.
    """
    container, port = place
    program = ("python", "-I", "-S", "-c", _PROGRAM, str(port), *way, f"{wait_s:g}")
    words = commands.execute(container, program, talks=True)
    done = engine(words, body)
    status, _, text = done.out.partition("\n")
    if done.status or not status.isdecimal():
        lines = [line.strip() for line in done.err.splitlines() if line.strip()]
        return Answer(0, why=lines[-1][:300] if lines else f"exit status {done.status}")
    return Answer(int(status), text)
