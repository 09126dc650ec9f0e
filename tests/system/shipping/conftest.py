"""Stores and brokers of others as real processes on the loopback address, and independent clients to read them back.

They are stand-ins: moto for Amazon's S3, Azurite for Azure Blob storage, librdkafka's mock cluster for Kafka.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Child

from trimtab.journal.folder import open_folder
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping

AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # published
NUMBERS = itertools.count(1)
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "NO_PROXY": "127.0.0.1"}


def free() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def digests(journal: Path) -> dict[str, str]:
    """The sealed files of a journal by name."""
    return {
        path.relative_to(journal).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in journal.rglob("*.parquet")
        if "spool" not in path.parts
    }


def sent(journal: Path, *texts: str, budget_s: float = 30.0, vaults=None):
    """One pass to these destinations."""
    with open_shipping(journal, parse_destinations(texts), vaults) as shipping:
        return shipping.run(budget_s)


@pytest.fixture
def journal(tmp_path):
    return open_folder(tmp_path / "journal").path


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """Nothing of this machine's own clouds."""
    for name in list(os.environ):
        if name.upper().startswith(("AWS_", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def aws(monkeypatch):
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def tool(root, clients):
    """Runs one of the small programs of `tests/clients`: tool("bucket", ...) gives what it prints."""

    def run(program: str, *arguments: str) -> str:
        command = [str(clients / "python"), str(root / f"tests/clients/{program}.py"), *arguments]
        given = {**os.environ, "NO_PROXY": "127.0.0.1"}
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=given)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def alive(tmp_path_factory):
    """Starts a server that listens on a port, which lives as long as the tests do."""
    children = []

    def begin(port: int, *command: str) -> None:
        folder = tmp_path_factory.mktemp("store")
        children.append(Child(command, folder, folder, dict(os.environ)))
        children[-1].wait_for_port(port, 60)

    yield begin
    for child in children:
        child.stop()


@pytest.fixture(scope="session")
def moto(clients, alive):
    """The address of a store of S3's kind."""
    port = free()
    alive(port, str(clients / "moto_server"), "-H", "127.0.0.1", "-p", str(port))
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def azurite(root, program, alive):
    """The address of a store of Azure's kind."""
    folder = root / ".venv/azurite"
    lock = root / "requirements/azurite/package-lock.json"
    stamp = folder / "stamp"
    if not stamp.exists() or stamp.read_text().strip() != hashlib.sha256(lock.read_bytes()).hexdigest():
        pytest.skip("needs Azurite; `make test` installs it where there is npm")  # stated reason: 190 MB of others
    port = free()
    main = folder / "node_modules/azurite/dist/src/blob/main.js"
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    alive(port, program("node"), str(main), *options, "--skipApiVersionCheck", "--disableTelemetry")
    return f"http://127.0.0.1:{port}/devstoreaccount1"


@pytest.fixture
def bucket(moto, aws, tool):
    """A new bucket: the text of a destination in it, and what it holds."""
    del aws
    name = f"journal-{next(NUMBERS)}"
    tool("bucket", moto, "make", name)
    text = f"s3://{name}/edge 7?endpoint={moto}&region=us-east-1"
    return text, lambda: json.loads(tool("bucket", moto, "read", name))


@pytest.fixture
def container(azurite, tool, monkeypatch):
    """A new container, likewise."""
    name = f"journal-{next(NUMBERS)}"
    monkeypatch.setenv("STORE_KEY", AZURITE_KEY)
    tool("container", azurite, AZURITE_KEY, "make", name)
    text = f"az://{name}/edge 7?account=devstoreaccount1&endpoint={azurite}&key=env:STORE_KEY"
    return text, lambda: json.loads(tool("container", azurite, AZURITE_KEY, "read", name))


@pytest.fixture
def brokers(root):
    """Starts brokers; brokers(3) gives the address of the first."""
    running = []

    def begin(count: int = 1) -> str:
        command = [sys.executable, str(root / "tests/doubles/brokers.py"), str(count)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process.stdout.readline().strip()

    yield begin
    for process in running:
        process.communicate(timeout=20)


@pytest.fixture
def topic(tool):
    """What is in a topic: topic(broker) gives a list of key, value (parsed), headers and partition."""

    def read(broker: str, name: str = "journal", partitions: int = 4):
        found = json.loads(tool("topic", broker, name, str(partitions)))
        return [
            (key, None if value is None else json.loads(value), dict(headers), part)
            for key, value, headers, part in found
        ]

    return read
