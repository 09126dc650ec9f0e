"""A server from its port to its end; and every refusal, which comes before anything is forked."""

import socket
from dataclasses import dataclass

import pytest

from trimtab.core.errors import UserError
from trimtab.server.run import run
from trimtab.server.settings import Settings


@dataclass(frozen=True)
class Named:
    """As much of a bundle as is looked at before anybody serves it."""

    digest: str = f"sha256:{'ab' * 32}"
    inline: bool = True


def refused(bundle=None, **settings):
    """The problem that the server does not start for."""
    with pytest.raises(UserError) as caught:
        run(lambda: {"m": bundle or Named()}, Settings(**{"port": 0, **settings}), pytest.fail)
    (problem,) = caught.value.problems
    return problem


@pytest.fixture
def taken():
    """A port that another one listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "models.example"])  # noqa: S104 - they must be refused
def test_an_address_that_others_reach_needs_a_word(host):
    problem = refused(host=host)
    assert (problem.code, problem.where) == ("P303", f"{host}:0")
    assert "--insecure" in problem.hint


def test_a_certificate_that_is_none_is_named(tmp_path):
    (tmp_path / "a.pem").write_text("none")
    problem = refused(tls=(tmp_path / "a.pem", tmp_path / "key.pem"))
    assert (problem.code, problem.where) == ("P306", f"{tmp_path}/a.pem, {tmp_path}/key.pem")


def test_a_taken_port_is_said_with_another_one(taken):
    problem = refused(port=taken)
    assert (problem.code, problem.where, problem.what) == ("P304", f"127.0.0.1:{taken}", f"port {taken} is taken")
    assert f"--port {taken + 1}" in problem.hint


def test_another_server_that_would_share_the_port_counts_as_taken():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert refused(port=other.getsockname()[1]).code == "P304"


def test_an_address_of_another_machine_cannot_be_listened_on():
    problem = refused(host="192.0.2.1", insecure=True)
    assert (problem.code, problem.what.split(":")[0]) == ("P304", "cannot listen")


def test_python_of_the_user_s_is_not_run_inline():
    assert refused(Named(inline=False), engine="inline").code == "P308"


def test_a_control_plane_that_cannot_listen_leaves_the_port_free(taken, free_port):
    assert refused(port=free_port, admin_port=taken).where == f"127.0.0.1:{taken}"
    socket.create_server(("127.0.0.1", free_port)).close()


# the model is in `tests/doubles/serve.py`
SERVE = """
import importlib.util, json, os, signal, sys, urllib.request
from trimtab.server.run import run
from trimtab.server.settings import Settings
spec = importlib.util.spec_from_file_location("doubles_serve", sys.argv[1])
doubles = importlib.util.module_from_spec(spec)
sys.modules["doubles_serve"] = doubles
spec.loader.exec_module(doubles)
asked = []

def bundles():
    asked.append("bundles")
    return {"churn": doubles.MemoryBundle(inline=True)}

def ready(address):
    with urllib.request.urlopen(f"{address}/readyz", timeout=20) as answer:
        print(json.dumps([address, json.load(answer)["ready"]]), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

run(bundles, Settings(port=0, **json.loads(sys.argv[2])), ready)
print(asked)
"""


def test_it_is_ready_answers_and_ends_when_told(alone, root):
    ran = alone(SERVE, str(root / "tests/doubles/serve.py"), '{"processes": 2, "host": "::1"}')
    assert (ran.returncode, ran.stderr) == (0, "")
    first, last = ran.stdout.splitlines()
    assert first.startswith('["http://[::1]:')
    assert (first.endswith(", true]"), last) == (True, "['bundles']")
