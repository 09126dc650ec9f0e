import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from trimtab.ops.check.subject import CannotError
from trimtab.ops.check.wires import wire_to


class Echo(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(418)
        self.send_header("X-Path", self.path)
        self.send_header("X-Key", self.headers.get("authorization", "none"))
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, *_):
        pass


def test_a_request_goes_behind_the_path_with_whoever_asks_and_its_answer_comes_whole():
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        times = iter([1.0, 3.5])
        wire = wire_to(
            f"http://127.0.0.1:{server.server_port}/behind/", {"authorization": "k"}, clock=lambda: next(times)
        )
        heard = wire("POST", "/v2/x", b"abc", {"content-type": "text/plain"})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (heard.status, heard.body, heard.seconds) == (418, b"cba", 2.5)
    assert (heard.headers["x-path"], heard.headers["x-key"]) == ("/behind/v2/x", "k")
    with pytest.raises(CannotError, match=r"no answer from 127\.0\.0\.1"):
        wire_to(f"http://127.0.0.1:{server.server_port}")("GET", "/")
