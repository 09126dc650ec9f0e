"""Load on a server for a moment: wrk where there is one (or root may install it), else a slower generator of our own.

Run as a program it is that generator: `python load.py URL POOL CONNECTIONS SECONDS`, one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
PATIENCE_S = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What one turn of load saw; latencies in milliseconds, NaN when no request came to its end."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int


def wrk_is_there() -> bool:
    """Whether wrk can be used; as root on Debian it is installed."""
    if shutil.which("wrk"):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "wrk"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        if subprocess.run(install, check=False, timeout=300, **quiet).returncode:
            subprocess.run(["apt-get", "update", "-q"], check=False, timeout=300, **quiet)
            subprocess.run(install, check=False, timeout=300, **quiet)
    return shutil.which("wrk") is not None


def load(url: str, pool: Path, connections: int, seconds: int) -> Load:
    """One turn against an address of this machine, from a process of its own, on one thread."""
    assert urlsplit(url).hostname == "127.0.0.1", "load stays on this machine"
    if wrk_is_there():
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE_S}s"]
        command += ["-s", str(HERE / "rotate.lua"), url, "--", str(pool)]
    else:
        command = [sys.executable, __file__, url, str(pool), str(connections), str(seconds)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 4 * PATIENCE_S).stdout
    line = next(line for line in reversed(said.splitlines()) if line.startswith("{"))
    return Load(**json.loads(line))


def read_pool(path: Path) -> tuple[str, list[bytes]]:
    """The head and the bodies of a pool."""
    with path.open("rb") as file:
        head = ""
        while (line := file.readline().decode().strip()) != "":
            head += f"{line}\r\n"
        return head, [file.read(int(length)) for length in iter(file.readline, b"")]


class _Caller:
    """Connections that send another body as soon as they have an answer, until the time is up."""

    def __init__(self, url: str, pool: Path, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        head, bodies = read_pool(pool)
        first = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}"
        self.requests = [f"{first}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
        self.at, self.failed = 0, 0
        self.took: list[float] = []

    async def run(self, until: float) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        while (begin := time.perf_counter()) < until:
            self.at += 1
            writer.write(self.requests[self.at % len(self.requests)])
            self.failed += await self._answer(reader) != b"200"
            self.took.append(time.perf_counter() - begin)
        writer.close()

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> bytes:
        """Reads one answer to its end; its status."""
        head = await reader.readuntil(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        lengths = [int(field.split(b":")[1]) for field in fields if field.startswith(b"content-length:")]
        if lengths:
            await reader.readexactly(lengths[0])
        else:
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        return head[9:12]


async def own_load(url: str, pool: Path, connections: int, seconds: float, tls: ssl.SSLContext | None = None) -> Load:
    """One turn of our own generator; tls: what it shows and whom it believes."""
    caller, begin = _Caller(url, pool, tls), time.perf_counter()
    async with asyncio.timeout(seconds + PATIENCE_S):
        await asyncio.gather(*(caller.run(begin + seconds) for _ in range(connections)))
    took = sorted(caller.took)
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    return Load(len(took), time.perf_counter() - begin, statistics.median(took) * 1e3, p99 * 1e3, caller.failed)


if __name__ == "__main__":
    answer = asyncio.run(own_load(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    print(json.dumps({name: getattr(answer, name) for name in Load.__slots__}))
