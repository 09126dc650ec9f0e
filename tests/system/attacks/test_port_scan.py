"""What can be reached by default: two ports of the loopback address, and nothing from another machine."""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Child

LISTEN = "0A"  # as the kernel calls the state of a socket


def listening(pids: list[int]) -> set[tuple[str, int]]:
    """Addresses and ports that these processes listen on, as the kernel has it."""
    inodes = {target for pid in pids for fd in Path(f"/proc/{pid}/fd").iterdir() for target in [link(fd)]}
    found = set()
    for name in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            words = row.split()
            if words[3] == LISTEN and f"socket:[{words[9]}]" in inodes:
                address, _, port = words[1].partition(":")
                found.add((str(parsed(address)), int(port, 16)))
    return found


def link(fd: Path) -> str:
    """What a descriptor is; empty when it has gone."""
    try:
        return str(fd.readlink())
    except OSError:
        return ""


def parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel writes addresses as words of the machine's own order."""
    words = [struct.pack("=I", int(text[at : at + 8], 16)) for at in range(0, len(text), 8)]
    return ipaddress.ip_address(b"".join(words))


def test_port_scan(real: Child) -> None:
    """`trimtab serve` listens on the loopback address alone, on the ports that it says."""
    said = json.loads(real.out)
    port = int(said["address"].rpartition(":")[2])
    assert listening(real.family()) == {("127.0.0.1", port), ("127.0.0.1", said["admin_port"])}
    for name in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not ipaddress.ip_address(name).is_loopback:
            with socket.socket() as other:
                assert other.connect_ex((name, port)) != 0


@pytest.mark.parametrize(
    "words",
    [["--host", "0.0.0.0"], ["--host", "::"], ["--admin-host", "0.0.0.0", "--admin-port", "9"]],  # noqa: S104
)
def test_port_scan_of_an_address_for_others_finds_nothing(
    real: Child, start: Callable[..., Child], words: list[str], tmp_path: Path
) -> None:
    """It is refused before anything listens or loads, with what is missing."""
    store = Path(real.process.args[real.process.args.index("--store") + 1])  # type: ignore[union-attr, index]
    child = start("trimtab", "serve", "small", "--store", str(store), "--port", "0", *words, cwd=tmp_path)
    assert child.end() == 2
    assert "error[P303]" in child.err
    assert "--insecure" in child.err
    assert child.out == ""
