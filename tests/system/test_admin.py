"""The control plane on a real socket: framework, limits, and where it may listen."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from trimtab.core.errors import UserError
from trimtab.server.admin import Control
from trimtab.server.admin_listener import can_control, open_admin
from trimtab.server.guard.make import open_guard
from trimtab.server.settings import Settings


class Broken:
    """A repository that fails in a way nobody foresaw."""

    def index(self):
        return []

    def load(self, name):
        raise RuntimeError(name)

    def unload(self, name):
        pass


@pytest.fixture(scope="module")
def place():
    logged = []

    def log(event, _fields):
        logged.append(event)

    admin = open_admin(Control(Broken(), log, open_guard(Settings(), log)), can_control("127.0.0.1", 0))
    yield urlsplit(admin.address).netloc
    admin.close()
    assert logged == ["audit", "control request failed"]
    with pytest.raises(ConnectionRefusedError):
        ask(urlsplit(admin.address).netloc, "GET", "/v2")


def ask(place, method, path, body=b""):
    connection = http.client.HTTPConnection(place, timeout=20)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_answers_and_refusals_have_the_servers_own_form(place):
    status, headers, body = ask(place, "POST", "/v2/repository/index")
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", [])
    assert "server" not in headers
    assert ask(place, "POST", "/v2/repository/models/x/load")[0] == 500
    status, _, body = ask(place, "POST", "/v2/repository/index", b"x" * 70_000)
    assert (status, json.loads(body)["code"]) == (413, "P310")
    assert ask(place, "GET", "/v2/repository/index")[0] == 405
    assert ask(place, "GET", "/v2/models/x")[0] == 404


def test_a_taken_port_is_refused(place):
    with pytest.raises(UserError, match="P304"):
        can_control("127.0.0.1", int(place.rpartition(":")[2]))
