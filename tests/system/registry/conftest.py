"""Debian's registry on the loopback address, with and without TLS and a password; bundles to push there."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.meddling import Meddler, meddling
from tests.system.others import Running

from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import Manifest, encode, signature_to_plain
from trimtab.bundle.oci.opening import Terms, open_registry
from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.cli.main import run
from trimtab.core.signature import Field, Signature

USER, PASSWORD = "anna", "open-sesame-7"
HTPASSWD = "anna:$2y$04$jsXJxhWUOz96L/Qfw2tlMOh.LgkWkaYrWJKo/Xrljz.XL.ldrgj5m\n"
MILLION = 1_000_000


@pytest.fixture(scope="session")
def open_to_all(run_registry: Callable[..., Running]) -> Running:
    """Without TLS, for everybody; it keeps nothing in memory, so that its folder is all that it has."""
    return run_registry()


@pytest.fixture
def registry(open_to_all: Running) -> Running:
    """An empty registry without TLS, for everybody."""
    return open_to_all.emptied()


@pytest.fixture(scope="session")
def open_to_one(
    run_registry: Callable[..., Running], pem: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Running:
    """With TLS, for one user; the certificate is signed by itself."""
    path = tmp_path_factory.mktemp("users") / "htpasswd"
    path.write_text(HTPASSWD)
    return run_registry({"htpasswd": {"realm": "kept", "path": str(path)}}, {"certificate": pem[0], "key": pem[1]})


@pytest.fixture
def guarded(open_to_one: Running) -> Running:
    """An empty registry with TLS, for one user."""
    return open_to_one.emptied()


@pytest.fixture
def meddler(registry: Running) -> Iterator[Meddler]:
    """A proxy before the registry, to spoil what it says."""
    with meddling(registry.port) as found:
        yield found


@pytest.fixture
def other_host() -> Iterator[Meddler]:
    """A second place that somebody may send us to; nothing is behind it."""
    with meddling(9) as found:
        yield found


def make_bundle(folder: Path, weights: int = 2_000, seed: int = 1) -> Bundle:
    """A bundle whose model is so many random bytes, and whose code is always the same."""
    files = {"model/weights": random.Random(seed).randbytes(weights), "code/own.py": b"x = 1\n" * 100}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    signature = signature_to_plain(Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays"))
    manifest = Manifest(name="m", flavour="python", signature=signature, files=digest_folder(folder))
    (folder / "bundle.json").write_bytes(encode(manifest))
    return open_bundle(folder)


@dataclass
class Quick:
    """A machine whose pauses take no time; they are noted."""

    pauses: list[float] = field(default_factory=list)
    patience: Patience = field(default_factory=lambda: Patience(attempts=4, silence_s=5, connect_s=5))

    def open(self, address: str, repository: str = "team/m", **terms: Any) -> Registry:
        """The repository at that address, by whoever the environment says that we are."""
        machine = Machine(sleep=self.pauses.append, chance=lambda: 1.0)
        given = Terms({"HOME": "/nowhere"}, patience=self.patience, machine=machine)
        return open_registry(parse_remote(f"{address}/{repository}"), replace(given, **terms))


@pytest.fixture
def quick() -> Quick:
    return Quick()


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def trimtab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in this process, in the test's folder; `env` is added to the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")

    def run_here(*arguments: str, env: dict[str, str] | None = None) -> Ran:
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            status = run(arguments)
            said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return run_here


def login_file(folder: Path, address: str, user: str = USER, password: str = PASSWORD) -> Path:
    """A folder for `$DOCKER_CONFIG`, as `docker login` leaves it."""
    folder.mkdir(exist_ok=True)
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {address: {"auth": auth}}}))
    return folder
