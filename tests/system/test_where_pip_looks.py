"""uv finds what only pip was told of; and no address of an index ends in a lock."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from packaging.pylock import Pylock

from trimtab.bundle.lock.resolve import find_uv

PROGRAM = """
import json, sys
from pathlib import Path
from trimtab.bundle.lock.resolve import resolve_pins, resolve_pylock
from trimtab.bundle.lock.text import render_lock
versions = json.loads(sys.argv[1])
pylock = resolve_pylock(versions, Path.cwd())
print(json.dumps({"lock": render_lock(resolve_pins(versions, Path.cwd())), "pylock": pylock}))
"""
pytestmark = pytest.mark.skipif(not find_uv(), reason="uv is not installed")


def wheel(folder: Path, name: str) -> str:
    """The SHA-256 of a wheel without content."""
    folder.mkdir(parents=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Guarded(SimpleHTTPRequestHandler):
    """A folder that only `someone` with the password `hush` may read."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"someone:hush").decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An index on loopback behind a password: its address, and the hash of the one wheel that it has."""
    digest = wheel(tmp_path / "index" / "trimtab-test-far", "trimtab_test_far")
    name = "trimtab_test_far-1.0-py3-none-any.whl"
    page = f'<a href="{name}?token=hush#sha256={digest}">{name}</a>'
    (tmp_path / "index" / "trimtab-test-far" / "index.html").write_text(page)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(tmp_path / "index"))) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://someone:hush@127.0.0.1:{server.server_port}", digest
        server.shutdown()
        thread.join()


def test_extra_indexes_and_folders_of_wheels_are_found_and_no_lock_names_them(
    tmp_path: Path, index: tuple[str, str]
) -> None:
    address, far = index
    near = wheel(tmp_path / "wheels", "trimtab_test_near")
    (tmp_path / "pip.conf").write_text(
        f"[global]\nindex-url = {address}\n[install]\nextra-index-url =\n    {address}/\n    file:///no/such/index\n"
        f"find-links = {tmp_path / 'wheels'} /no/such/folder\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    env |= {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "UV_CACHE_DIR": str(tmp_path / "cache"), "NO_PROXY": "*"}
    versions = json.dumps({"trimtab-test-far": "1.0", "trimtab-test-near": "1.0"})
    (tmp_path / "project").mkdir()
    command = [sys.executable, "-c", PROGRAM, versions]
    ran = subprocess.run(
        command, cwd=tmp_path / "project", env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["lock"] == (
        f"trimtab-test-far==1.0 \\\n    --hash=sha256:{far}\ntrimtab-test-near==1.0 \\\n    --hash=sha256:{near}\n"
    )
    lock = Pylock.from_dict(tomllib.loads(said["pylock"]))
    lock.validate()
    assert {package.name: str(package.version) for package in lock.packages} == json.loads(versions)
    assert not any(word in said["pylock"] for word in ("hush", "someone", str(tmp_path))), said["pylock"]
