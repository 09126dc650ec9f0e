"""Projects in a temporary folder, packaged for real; servers that answer for real."""

from __future__ import annotations

import hashlib
import http.client
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.utils import canonicalize_name
from tests.conftest import Child
from tests.system.others import Running, for_everybody

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.lock.text import LOCK_FILE, Pin, render_lock
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store


class Workshop:
    """One project folder and its store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root / ".trimtab")
        self.said: list[tuple[str, str]] = []

    def write(self, files: Mapping[str, str] | None = None, **modules: str) -> None:
        """Write files by their place in the project, and modules by their name."""
        for name, text in {**(files or {}), **{f"{name}.py": text for name, text in modules.items()}}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def lock_everything(self) -> None:
        """A lock file of all that is installed here, with invented hashes: no index is asked."""
        found = {canonicalize_name(dist.name): dist for dist in importlib.metadata.distributions()}
        pins = [Pin(name, dist.version, (f"sha256:{'0' * 64}",)) for name, dist in found.items()]
        (self.root / LOCK_FILE).write_text(render_lock(pins))

    def package(self, **recipe: object) -> Bundle:
        """Package with the defaults of a model in plain Python."""
        plain = {"name": "small", "root": self.root, "model": "model:predict", "sample": {"x": [1.0, 2.0, 3.0]}}
        plain["compared"] = 5000  # rows that must prove a compiled form; the users' number has a test of its own
        self.said = []
        return package(Recipe(**{**plain, **recipe}), self.store, lambda *words: self.said.append(words))

    def left_over(self) -> list[str]:
        """Files in the store, beside its lock."""
        files = [path for path in self.store.root.rglob("*") if path.is_file()]
        return [path.name for path in files if path.name != "lock"]


@pytest.fixture(scope="session")
def workshops() -> type[Workshop]:
    """Makes projects in whatever folder, for those that need one for longer than a test."""
    return Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path)


def named(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Served:
    """A real server process over the model in `tests/doubles/serve.py`."""

    process: subprocess.Popen[str]
    http: str
    grpc: str

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of the answer to a JSON request; `_` in a header's name stands for `-`."""
        connection = http.client.HTTPConnection(self.http, timeout=20)
        try:
            connection.request("POST", path, body, {"content-type": "application/json"} | named(headers))
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def serve(root: Path) -> Iterator[Callable[..., Served]]:
    """`serve("serve.py", rows_limit=10, ...)`: a server of `tests/doubles`, which must end well."""
    started: list[subprocess.Popen[str]] = []

    def begin(double: str = "serve.py", **settings: object) -> Served:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, str(root / "tests/doubles" / double), json.dumps({"grpc_port": port, **settings})]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return Served(process, urlsplit(process.stdout.readline().strip()).netloc, f"127.0.0.1:{port}")

    yield begin
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0, said


@pytest.fixture(scope="session")
def clients(root: Path) -> Path:
    """Where the programs of the clients of others are; `make test` sets them up, and without them tests are skipped."""
    folder = root / ".venv/clients"
    digest = hashlib.sha256((root / "requirements/clients.txt").read_bytes()).hexdigest()
    if not (folder / "stamp").exists() or (folder / "stamp").read_text().strip() != digest:
        needs = "needs the environment of requirements/clients.txt; `make test` makes it where it can be made"
        pytest.skip(needs)  # stated reason: pins of their own, which an index may not have for this machine
    return folder / "bin"


@pytest.fixture(scope="session")
def run_client(root: Path, clients: Path) -> Callable[[str, int, Mapping[str, str]], None]:
    """Runs a program of `tests/clients`, which must pass at least so many tests: run_client("triton_http", 28, {})."""

    def run(program: str, least: int, env: Mapping[str, str]) -> None:
        command = [str(clients / "python"), "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
        command += ["-p", "no:schemathesis", "--rootdir", str(root / "tests/clients"), "-c", os.devnull]
        command += [str(root / f"tests/clients/{program}.py")]
        given = {**os.environ, "NO_PROXY": "127.0.0.1", **env}
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=given, timeout=200)
        assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr
        assert ran.stdout.count("PASSED") >= least, ran.stdout

    return run


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], str]) -> tuple[str, str]:
    """The files of a certificate for this machine, signed by its own key, and of that key."""
    folder = tmp_path_factory.mktemp("pem")
    command = [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-days", "2", "-keyout", "key", "-out", "crt"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return str(folder / "crt"), str(folder / "key")


@pytest.fixture(scope="session")
def run_registry(
    program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Running]]:
    """Starts a registry on a free port, with users and a certificate if it has any; stopped at the end, by its id."""
    children = []

    def begin(auth: dict[str, object] | None = None, tls: dict[str, str] | None = None) -> Running:
        folder = tmp_path_factory.mktemp("registry")
        config = {
            "version": 0.1,
            "log": {"level": "info"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
            "http": {"addr": "127.0.0.1:0"} | ({"tls": tls} if tls else {}),
        } | ({"auth": auth} if auth else {})
        (folder / "registry.yml").write_text(json.dumps(config))  # YAML, too
        command = [program("docker-registry"), "serve", str(folder / "registry.yml")]
        child = Child(command, folder, folder, dict(os.environ))
        children.append(child)
        child.wait_until(lambda: "listening on" in child.err)
        address = re.search(r"listening on (127\.0\.0\.1:[0-9]+)", child.err)
        assert address, child.err
        return Running(address[1], folder / "data")

    yield begin
    for child in children:
        child.stop()


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="trimtab-same-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def python(ground: Path) -> Path:
    """An interpreter that every user may run: this one, or a copy of it where it lies in root's home."""
    found = for_everybody(ground / "python")
    if found is None:
        needs = "needs an interpreter that another user may run, and a copy of this one does not"
        pytest.skip(needs)  # stated reason: it wants more of root's home than was copied
    return found
