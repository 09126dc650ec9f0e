"""The health check of an image."""

import http.server
import socket
import threading

import pytest

from trimtab.server.probe import main, port_of


@pytest.mark.parametrize(
    ("words", "environ", "port"),
    [
        ([], {}, 8080),
        (["9000"], {}, 9000),
        (["9000"], {"PORT": "9001"}, 9001),
        (["9000"], {"PORT": "9001", "FUNCTIONS_CUSTOMHANDLER_PORT": "9002"}, 9002),
    ],
)
def test_the_port_is_found_as_the_server_finds_it(words, environ, port):
    assert port_of(words, environ) == port


@pytest.mark.parametrize(("status", "found"), [(200, 0), (503, 1)])
def test_only_ready_is_healthy(status, found):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert main([str(server.server_port)], {}) == found
        finally:
            server.shutdown()
            thread.join()


def test_nobody_there_is_not_healthy():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert main([str(free.getsockname()[1])], {}) == 1
