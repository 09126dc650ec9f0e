from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.doubles.plain_bundles import plain_bundle

from trimtab.bundle.store import Store
from trimtab.core.deployment import Deployment
from trimtab.ops.release.proof import Entrance, prove
from trimtab.targets.target import Status

WANTED = Deployment("small", "prod", "sha256:aa")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return plain_bundle(Store(tmp_path_factory.mktemp("store")), 2.0)


@contextmanager
def answering(status, body):
    """A server that answers everything so; it keeps what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, self.headers, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/behind", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def found(bundle, status, body):
    with answering(status, body) as (address, asked):
        finding = prove(bundle, Status(address=address), WANTED, lambda _: Entrance({"authorization": "Bearer k"}))
    return finding, asked


def body(*values):
    tensor = {"name": "y", "datatype": "FP64", "shape": [len(values)], "data": list(values)}
    return json.dumps({"model_name": "small", "outputs": [tensor]}).encode()


def test_the_golden_rows_are_asked_where_people_ask(bundle):
    finding, ((path, headers, sent),) = found(bundle, 200, body(2.0, 4.0, 6.0 + 1e-9))
    assert (finding.verdict, finding.name) == ("PASS", "golden")
    assert finding.why.startswith("3 rows asked, largest difference 1")
    assert path == "/behind/v2/models/small/infer"
    assert headers["authorization"] == "Bearer k"
    assert sent == (bundle.folder / "golden/request.json").read_bytes()


@pytest.mark.parametrize(
    ("status", "answer", "verdict", "why"),
    [
        (200, body(2.0, 4.5, 6.0), "FAIL", "golden rows are answered otherwise: `y` of row 1 is 0.5 off"),
        (200, body(2.0, 4.0), "FAIL", "golden rows are answered otherwise: `y` is inf off"),
        (200, b"[]", "FAIL", "the golden rows are answered with something else: "),
        (200, b"<html>", "FAIL", "the golden rows are answered with something else: "),
        (500, b"no", "FAIL", "the golden rows are answered with status 500: b'no'"),
        (401, b"", "UNKNOWN", "wants to know who asks (401)"),
        (413, b"", "UNKNOWN", "takes fewer rows in one request than the 3 recorded ones (413)"),
    ],
)
def test_every_other_answer_is_none(bundle, status, answer, verdict, why):
    finding, _ = found(bundle, status, answer)
    assert finding.verdict == verdict
    assert why in finding.why


def test_nobody_answers(bundle):
    with answering(200, b"") as (address, _):
        pass
    finding = prove(bundle, Status(address=address), WANTED, lambda _: Entrance())
    assert (finding.verdict, "does not answer" in finding.why) == ("FAIL", True)
    assert prove(bundle, Status(), WANTED, lambda _: Entrance()).verdict == "UNKNOWN"
