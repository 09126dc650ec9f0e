"""A target in memory that answers over HTTP while the process that releases lives: nothing of it stays behind.

Installed by `tests/system/pipelines/stand_in.py` as another package would install a kind of its own. It knows the one
model of those tests: what comes in twice.
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

from trimtab.testing import MemoryTarget

__all__ = ["shelf"]


class Answers(BaseHTTPRequestHandler):
    """The Open Inference Protocol, for one model."""

    def do_POST(self):
        (x,) = json.loads(self.rfile.read(int(self.headers["content-length"])))["inputs"]
        y = {"name": "y", "datatype": "FP64", "shape": x["shape"], "data": [value * 2.0 for value in x["data"]]}
        body = json.dumps({"model_name": "small", "outputs": [y]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Nothing: what a step prints is looked at."""


class Shelf(MemoryTarget):
    """Its address is a port of this machine."""

    def __init__(self):
        super().__init__()
        self._server = HTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def apply(self, wanted, tell):
        return self._reached(super().apply(wanted, tell))

    def status(self, name, environment):
        return self._reached(super().status(name, environment))

    def _reached(self, status):
        address = f"http://127.0.0.1:{self._server.server_port}"
        return replace(status, address=address) if status.address else status


def shelf(_options, _means):
    """What the entry point names."""
    return Shelf()
