"""A command line run in this process, in a folder of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from trimtab.bundle.golden import Golden, write_golden
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest, signature_to_plain
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store
from trimtab.bundle.trust.origin import Record, keep_origin
from trimtab.cli.main import run
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table


class Said(NamedTuple):
    """Exit status, data and talk of one command line."""

    status: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command line is typed in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def type_in(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:  # noqa: ARG001  # in that folder
    """Runs one command line: type_in("check", "churn")."""

    def type_(*words: Any) -> Said:
        status = run([str(word) for word in words])
        return Said(status, *capsys.readouterr())

    return type_


@pytest.fixture
def project(here: Path) -> Path:
    """A trimtab.toml whose model is a function of a local module."""
    (here / "own_model.py").write_text("def predict(data):\n    return {'score': data['x']}\n")
    (here / "sample.jsonl").write_text('{"x": 1.5}\n')
    lines = ['name = "churn"', "[model]", 'path = "own_model:predict"', 'golden = "sample.jsonl"', "rows = 3"]
    (here / "trimtab.toml").write_text("\n".join([*lines, "[server]", "port = 9000", ""]))
    return here


@pytest.fixture
def answering(here: Path) -> Bundle:
    """A bundle in this folder's store whose model gives back its input, with three golden rows."""
    made = here / "made_copy"
    made.mkdir()
    field = Field("x", "FP64", nullable=True)
    signature = Signature((field,), (field,), "arrays")
    values = np.array([0.5, np.nan, 2.0])
    golden = Golden(Table({"x": Column(values, np.isnan(values))}, 3), {"x": values}, 0, 0)
    draft = Manifest(
        name="copy",
        flavour="python",
        options={"reference": "copy:copy", "method": ""},
        signature=signature_to_plain(signature),
        golden=write_golden(golden, made, signature, "copy"),
        files={},
    )
    write_manifest(made, draft)
    store = Store(here / ".trimtab")
    digest = store.add(made)
    keep_origin(store.root, digest, Record("packaged"))
    store.tag("copy", "latest", digest)
    return store.resolve("copy")


@pytest.fixture
def server() -> Callable[..., AbstractContextManager[tuple[str, list[tuple[str, bytes]]]]]:
    """Gives one answer to one request: `with server({...}) as (base, requests)`."""

    @contextmanager
    def serve(answer: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
        got: list[tuple[str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: stderr is what the test looks at."""

        with HTTPServer(("127.0.0.1", 0), Handler) as listener:
            thread = threading.Thread(target=listener.handle_request)
            thread.start()
            yield f"http://127.0.0.1:{listener.server_port}", got
            thread.join()

    return serve
