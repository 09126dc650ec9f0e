"""A server from its port to its end; and every refusal, which comes before anything is forked."""

import socket
from dataclasses import dataclass

import pytest

from trimtab.core.errors import UserError
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.run import run
from trimtab.server.settings import Settings


@dataclass(frozen=True)
class Named:
    """As much of a bundle as is looked at before anybody serves it."""

    digest: str = f"sha256:{'ab' * 32}"
    inline: bool = True


def bundles_of():
    raise AssertionError("nothing is read before the files of TLS")


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


@pytest.mark.parametrize("lock", ["tls", "guard", "neither"])
def test_one_lock_of_two_is_not_enough_and_what_is_missing_is_named(tmp_path, lock):
    locks = {"tls": (tmp_path / "c", tmp_path / "k"), "guard": GuardSettings(keys=tmp_path / "keys.json")}
    said = {lock: locks[lock]} if lock in locks else {}
    with pytest.raises(UserError) as caught:
        run(bundles_of, Settings(port=0, host="10.1.2.3", admin_host="10.1.2.4", admin_port=9, **said), pytest.fail)
    assert [(one.code, one.where) for one in caught.value.problems] == [("P303", "10.1.2.3:0"), ("P303", "10.1.2.4:9")]
    what = caught.value.problems[0].what
    assert ("asks nobody" in what, "has no TLS" in what) == (lock != "guard", lock != "tls")


def test_with_both_locks_the_address_is_no_problem(tmp_path):
    guard = GuardSettings(keys=tmp_path / "keys.json")
    with pytest.raises(UserError) as caught:
        run(
            bundles_of,
            Settings(port=0, host="10.1.2.3", tls=(tmp_path / "c", tmp_path / "k"), guard=guard),
            pytest.fail,
        )
    assert {one.code for one in caught.value.problems} == {"P306"}  # there are no such files


def test_every_file_that_is_no_certificate_or_key_is_named_and_the_port_stays_free(tmp_path, free_port):
    (tmp_path / "a.pem").write_text("none")
    with pytest.raises(UserError) as caught:
        run(bundles_of, Settings(port=free_port, tls=(tmp_path / "a.pem", tmp_path / "key.pem")), pytest.fail)
    places = [(problem.code, problem.where) for problem in caught.value.problems]
    assert places == [("P306", f"{tmp_path}/a.pem"), ("P306", f"{tmp_path}/key.pem")]
    socket.create_server(("127.0.0.1", free_port)).close()


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
