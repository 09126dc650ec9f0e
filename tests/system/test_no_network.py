"""The clean process has no network: who asks for one is refused with the line, whatever they ask with."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trimtab.bundle.code.local import project_of
from trimtab.bundle.proof.prove import run_proof
from trimtab.core.errors import RefusedError

TRY = "from trimtab.bundle.proof.network import cut_off; import os; print(cut_off(), os.getuid(), os.getgid())"


@pytest.fixture
def port() -> Iterator[int]:
    """A service on loopback that the process which packages can reach."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def namespaces() -> bool:
    """Whether the kernel gives a process a network of its own here."""
    ran = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, check=True)
    return ran.stdout.startswith("True")


def refused(workshop: Any, model: str) -> Any:
    """The only problem; nothing is left in the store."""
    workshop.write(model=model)
    with pytest.raises(RefusedError) as caught:
        workshop.package(lock="off")
    assert workshop.left_over() == []
    (problem,) = caught.value.problems
    return problem


SOCKET = """import socket


def predict(data):
    with socket.socket() as sock:
        sock.connect(("127.0.0.1", PORT))
        return data["x"]
"""
URLLIB = """import urllib.request
from urllib.error import URLError


def predict(data):
    try:
        urllib.request.urlopen("http://127.0.0.1:PORT/", timeout=0.2)
    except (URLError, TimeoutError):
        pass
    return data["x"]
"""
LOOKUP = """import socket


def predict(data):
    socket.getaddrinfo("localhost", 80)
    return data["x"]
"""
DATAGRAM = """import socket


def predict(data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", PORT))
    return data["x"]
"""
THREAD = """import socket
from threading import Thread


def ask():
    socket.create_connection(("127.0.0.1", PORT), 5).close()


def predict(data):
    thread = Thread(target=lambda: asking())
    thread.start()
    thread.join()
    return data["x"]


def asking():
    try:
        ask()
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    ("model", "what", "place"),
    [
        (SOCKET, "reach `127.0.0.1:PORT`", "code/model.py:6 in predict"),
        (URLLIB, "look up `127.0.0.1:PORT`", "code/model.py:7 in predict"),
        (LOOKUP, "look up `localhost:80`", "code/model.py:5 in predict"),
        (DATAGRAM, "reach `127.0.0.1:PORT`", "code/model.py:6 in predict"),
        (THREAD, "look up `127.0.0.1:PORT`", "code/model.py:6 in ask"),
    ],
    ids=["socket", "urllib, and the error is caught", "dns", "datagram", "in a thread"],
)
def test_a_prediction_that_asks_the_network_is_refused_with_its_line(
    workshop: Any, port: int, model: str, what: str, place: str
) -> None:
    problem = refused(workshop, model.replace("PORT", str(port)))
    assert problem.code == "P260"
    assert what.replace("PORT", str(port)) in problem.what
    assert problem.where == place
    assert "`include`" in problem.hint


COMPILED = """import ctypes
import socket
import struct


def predict(data):
    libc = ctypes.CDLL(None)
    place = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(PORT), socket.inet_aton("127.0.0.1"))
    handle = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    done = libc.connect(handle, place, len(place))
    libc.close(handle)
    if done:
        raise ConnectionError("compiled code has no network")
    return data["x"]
"""


def test_compiled_code_has_no_network_either(workshop: Any, port: int, namespaces: bool) -> None:  # noqa: FBT001  # a fixture
    if not namespaces:
        needs = "the kernel gives no network namespace here, and audit events do not see compiled code"
        pytest.skip(needs)  # stated reason: containers may forbid them
    problem = refused(workshop, COMPILED.replace("PORT", str(port)))
    assert problem.code == "P259"
    assert "compiled code has no network" in problem.what
    assert "the network" in problem.hint


QUIET = """import asyncio
import socket


def predict(data):
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"
    return asyncio.run(answer(data))


async def answer(data):
    return data["x"]
"""


def test_sockets_within_the_process_are_no_question(workshop: Any, namespaces: bool) -> None:  # noqa: FBT001  # a fixture
    workshop.write(model=QUIET)
    proof = run_proof(workshop.package(lock="off").folder, project_of(workshop.root))
    assert (proof.ok, proof.network, proof.cut) == (True, (), namespaces)


LIBRARY = """
import json, sys
from trimtab.bundle.proof.network import NoNetworkError, Wire

code, library = sys.argv[1:]
sys.path += [code, library]
wire = Wire(code)
wire.cut()
import own
own.later()
print(json.dumps(wire.asked))
"""
TRIES = """import socket
try:
    socket.getaddrinfo("somewhere.example", 80)
except socket.gaierror:
    pass
try:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
except OSError:
    pass


def ask():
    with socket.socket() as sock:
        try:
            sock.connect(("192.0.2.1", 443))
        except OSError as error:
            assert "no network" in str(error)
"""


def test_what_a_library_tries_while_it_is_imported_is_its_own_affair(tmp_path: Path) -> None:
    for name, text in (
        ("code/own.py", "import helper\n\n\ndef later():\n    helper.ask()\n"),
        ("lib/helper.py", TRIES),
    ):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-I", "-c", LIBRARY, str(tmp_path / "code"), str(tmp_path / "lib")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [
        ["look up `somewhere.example:80`", ""],
        ["reach `192.0.2.1:443`", "own.py:5 in later"],
    ]


NOBODY = """
import ctypes, os
os.setgroups([])
os.setresgid(12345, 12345, 12345)
os.setresuid(12345, 12345, 12345)
ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE, as a process that was always this user's
print(cut_off(), os.getuid(), os.getgid())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")
def test_a_user_without_privileges_stays_who_they_are(namespaces: bool) -> None:  # noqa: FBT001  # a fixture
    if not namespaces:
        pytest.skip("the kernel gives no network namespace here")  # stated reason: containers may forbid them
    text = f"from trimtab.bundle.proof.network import cut_off\n{NOBODY}"
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    if ran.stdout.startswith("False"):
        pytest.skip("the kernel gives namespaces to root only")  # stated reason: a setting of some distributions
    assert ran.stdout == "True 12345 12345\n", ran.stderr
