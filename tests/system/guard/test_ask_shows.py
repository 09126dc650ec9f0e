"""How `trimtab ask` shows who asks, over plain HTTP, TLS and mutual TLS, and where its key is never to be seen."""

import json
import os
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.doubles.authority import CLIENT, Authority

from trimtab.server.guard.keys.text import new_id, new_key

ROWS = ("--rows", '[{"x": 1}]')


class Guarded:
    """A server that takes one key, and says of others what they sent; `hold` keeps an answer back."""

    def __init__(self):
        self.key, self.seen, self.hold = new_key(new_id()), [], None
        self.arrived = threading.Event()
        self.status = 401

    @contextmanager
    def running(self, context=None):
        guarded = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                said = self.headers.get("authorization", "")
                guarded.seen.append(said)
                guarded.arrived.set()
                self.rfile.read(int(self.headers["content-length"]))
                if guarded.hold:
                    guarded.hold.wait(30)
                good = said == f"Bearer {guarded.key}"
                words = {"code": "P340", "error": f"no such key: {said}", "hint": f"not {said}"}
                body = json.dumps({"rows": [{"y": 2}]} if good else words).encode()
                self.send_response(200 if good else guarded.status)
                self.send_header("content-length", str(len(body)))
                if guarded.status == 429:
                    self.send_header("retry-after", "3")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            if context:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture
def guarded():
    return Guarded()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def asked(folder, *words, **environ):
    """One question in the development mode of Python, whose warnings are errors."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("TRIMTAB_")}
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "trimtab", "ask", *words, *ROWS]
    return subprocess.run(
        command, cwd=folder, env=given | environ, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_key_is_shown_from_each_of_its_places(tmp_path, guarded):
    (tmp_path / "key").write_text(f"{guarded.key}\n")
    with guarded.running() as base:
        for words, environ in (
            (("--key-from", "file:key"), {}),
            (("--key-from", "env:OTHER"), {"OTHER": guarded.key}),
            ((), {"TRIMTAB_API_KEY": guarded.key}),
            ((), {"TRIMTAB_TOKEN": guarded.key}),
        ):
            ran = asked(tmp_path, f"{base}/m", *words, **environ)
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, "y\n2\n", "")
    assert guarded.seen == [f"Bearer {guarded.key}"] * 4


@pytest.mark.parametrize("status", [401, 403, 429])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_refusal_is_shown_with_its_hint_and_without_the_key(tmp_path, guarded, status, as_json):
    guarded.status, wrong = status, new_key(new_id())
    with guarded.running() as base:
        ran = asked(tmp_path, f"{base}/m", *as_json, TRIMTAB_API_KEY=wrong)
    assert ran.returncode == 2
    assert "no such key: Bearer ***" in ran.stderr
    assert "not Bearer ***" in ran.stderr
    assert wrong[12:] not in ran.stderr + ran.stdout


def test_who_shows_nothing_is_told_how(tmp_path, guarded):
    with guarded.running() as base:
        ran = asked(tmp_path, f"{base}/m")
    assert (ran.returncode, guarded.seen) == (2, [""])
    assert "error[P340]: no such key" in ran.stderr


def test_a_fault_of_ours_leaves_a_traceback_without_the_key(tmp_path, guarded):
    """The development mode and a broken module: the traceback is printed, the key is not in it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import http.client\n\n"
        "def broken(self, *args, **more):\n    raise RuntimeError('on purpose')\n\n"
        "http.client.HTTPConnection.request = broken\n"
    )
    ran = asked(tmp_path, "http://127.0.0.1:9/m", TRIMTAB_API_KEY=guarded.key, PYTHONPATH=str(tmp_path))
    assert ran.returncode == 3
    assert "RuntimeError: on purpose" in ran.stderr
    assert "error[P100]" in ran.stderr
    assert guarded.key[12:] not in ran.stderr + ran.stdout


def while_it_asks(guarded, start, folder, *words, **environ):
    """The process's arguments, what `ps` tells of it with its environment, and its environment."""
    guarded.hold = threading.Event()
    with guarded.running() as base:
        child = start("trimtab", "ask", f"{base}/m", *ROWS, *words, cwd=folder, env=environ)
        assert guarded.arrived.wait(60), child.err
        place = Path(f"/proc/{child.pid}")
        told = subprocess.run(["ps", "eww", str(child.pid)], capture_output=True, text=True, check=True).stdout
        seen = (place / "cmdline").read_text(), told, (place / "environ").read_text()
        guarded.hold.set()
        assert child.end() == 0
    assert guarded.seen == [f"Bearer {guarded.key}"]
    return seen


def test_a_key_in_a_file_is_in_no_list_of_processes(tmp_path, guarded, start, program):
    program("ps")
    (tmp_path / "key").write_text(guarded.key)
    arguments, told, environment = while_it_asks(guarded, start, tmp_path, "--key-from", "file:key")
    assert "file:key" in arguments
    assert "ask" in told
    assert not any(guarded.key[12:] in text for text in (arguments, told, environment))


def test_a_key_in_the_environment_is_seen_there_by_its_own_user_and_nowhere_else(tmp_path, guarded, start, program):
    program("ps")
    arguments, told, environment = while_it_asks(guarded, start, tmp_path, TRIMTAB_API_KEY=guarded.key)
    assert guarded.key not in arguments
    assert guarded.key in environment
    assert guarded.key in told  # `ps e` shows the environment to the same user and to root: why files are better


def test_no_option_takes_a_key_itself(tmp_path, guarded):
    ran = asked(tmp_path, "http://127.0.0.1:9/m", "--key-from", guarded.key)
    assert ran.returncode == 2
    assert "error[P344]: this is no reference to a secret" in ran.stderr
    assert guarded.key[12:] not in ran.stderr


def served(certificate, key, authority=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if authority:
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_a_private_authority_is_trusted_if_it_is_named_and_only_then(tmp_path, guarded, authority):
    with guarded.running(served(*authority.certify("127.0.0.1"))) as base:
        ran = asked(tmp_path, f"{base}/m", "--ca", str(authority.ca), TRIMTAB_API_KEY=guarded.key)
        assert (ran.returncode, ran.stdout) == (0, "y\n2\n"), ran.stderr
        guarded.seen.clear()
        for words in ([], ["--insecure"]):
            ran = asked(tmp_path, f"{base}/m", *words, TRIMTAB_API_KEY=guarded.key)
            assert ran.returncode == 3
            assert "error[P119]: the server's certificate is not taken: " in ran.stderr
            assert "`--ca FILE` names a private authority" in ran.stderr
    with guarded.running(served(*authority.certify("other.example"))) as base:
        ran = asked(tmp_path, f"{base}/m", "--ca", str(authority.ca), TRIMTAB_API_KEY=guarded.key)
        assert "IP address mismatch" in ran.stderr
    assert guarded.seen == []  # the key went to none of them


@pytest.mark.parametrize("password", ["", "word-of-a-key"])
def test_a_client_certificate_is_shown(tmp_path, guarded, authority, password):
    certificate, key = authority.certify("edge-7", usage=CLIENT, password=password.encode())
    shown = ["--ca", str(authority.ca), "--client-cert", str(certificate), "--client-key", str(key)]
    environ = {"TRIMTAB_API_KEY": guarded.key}
    with guarded.running(served(*authority.certify("127.0.0.1"), authority.ca)) as base:
        ran = asked(tmp_path, f"{base}/m", *shown, **environ, TRIMTAB_KEY_PASSWORD=password)
        assert (ran.returncode, ran.stdout) == (0, "y\n2\n"), ran.stderr
        ran = asked(tmp_path, f"{base}/m", *shown[:2], **environ)
        assert ran.returncode == 3
        assert "error[P119]" in ran.stderr
        if password:
            ran = asked(tmp_path, f"{base}/m", *shown, **environ, TRIMTAB_KEY_PASSWORD="wrong")  # noqa: S106 - a wrong one
            assert (ran.returncode, "error[P132]" in ran.stderr) == (2, True)
            assert password not in ran.stderr
