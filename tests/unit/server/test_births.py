"""What is to be served and by whom: in memory; and real processes, born of a program of one thread."""

import json
from dataclasses import dataclass

import pytest

from trimtab.core.errors import UserError
from trimtab.server.births import Around, Births, OnlyThose, runs_inline
from trimtab.server.changes import Change
from trimtab.server.faults import refused
from trimtab.server.guard.make import open_guard
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings


@dataclass(frozen=True)
class Named:
    """As much of a bundle as is looked at before anybody serves it."""

    digest: str
    inline: bool = True


class Shelf:
    """Names and what they mean now; what is on it and may not be had is None."""

    def __init__(self, **bundles):
        self.bundles = bundles

    def known(self):
        return {name: "" if bundle is None else bundle.digest for name, bundle in self.bundles.items()}

    def find(self, name):
        if self.bundles.get(name) is None:
            raise refused("P203", f"the files of `{name}` were changed")
        return self.bundles[name]


def births_of(shelf, served, **settings):
    said = Settings(processes=1, **settings)
    return Births(shelf, served, [None], said, around(said, lambda *_: None))


def around(settings, log):
    return Around(log, open_guard(settings, log), Renewal(settings))


A, B, OURS = Named("sha256:aa"), Named("sha256:bb"), Named("sha256:cc", inline=False)


@pytest.mark.parametrize(
    ("served", "engine", "inline"),
    [
        ({"a": A}, "auto", True),
        ({"a": A}, "inline", True),
        ({"a": A}, "workers", False),
        ({"a": A, "u": OURS}, "auto", False),
        ({}, "auto", True),
    ],
)
def test_where_models_run(served, engine, inline):
    assert runs_inline(served, Settings(engine=engine)) is inline


def test_python_of_the_user_s_is_not_run_inline_and_all_that_are_told_to_are_named():
    with pytest.raises(UserError) as caught:
        runs_inline({"a": A, "u": OURS, "v": OURS}, Settings(engine="inline"))
    assert [(one.code, one.what.split("`")[1]) for one in caught.value.problems] == [("P308", "u"), ("P308", "v")]


def test_a_shelf_of_what_is_served_at_the_start_is_looked_up_again():
    bundles = {"a": A}
    shelf = OnlyThose(lambda: bundles)
    assert (shelf.known(), shelf.find("a")) == ({"a": "sha256:aa"}, A)
    bundles = {"b": B}
    assert shelf.find("b") is B
    with pytest.raises(UserError, match="other names than `a`"):
        shelf.find("a")


@pytest.mark.parametrize(
    ("change", "served"),
    [
        (Change("load", "b"), {"a": "sha256:aa", "b": "sha256:bb"}),
        (Change("load", "a"), {"a": "sha256:dd"}),  # the name means another bundle now
        (Change("unload", "a"), {}),
        (Change("renew"), {"a": "sha256:dd"}),
    ],
)
def test_a_change_is_looked_up_and_counts_when_it_has_settled(change, served):
    births = births_of(Shelf(a=Named("sha256:dd"), b=B), {"a": A})
    assert births.renew(change)
    assert births.served() == {"a": "sha256:aa"}
    births.settle(fresh=True)
    assert births.served() == served


def test_a_change_that_did_not_settle_leaves_nothing_behind():
    births = births_of(Shelf(a=A, b=B, c=A), {"a": A})
    births.renew(Change("load", "b"))
    births.settle(fresh=False)
    births.renew(Change("load", "c"))
    births.settle(fresh=True)
    assert set(births.served()) == {"a", "c"}


@pytest.mark.parametrize("change", [Change("load", "a"), Change("unload", "b")])
def test_what_is_so_already_is_no_change(change):
    assert not births_of(Shelf(a=A, b=B), {"a": A}).renew(change)


@pytest.mark.parametrize("do", ["load", "unload"])
def test_a_name_that_nobody_knows_is_refused_with_the_nearest(do):
    with pytest.raises(UserError, match="no model `chrun`") as caught:
        births_of(Shelf(churn=A), {"a": A}).renew(Change(do, "chrun"))
    assert (caught.value.problems[0].code, caught.value.problems[0].hint) == ("P312", "did you mean `churn`?")


def test_one_that_is_served_and_has_left_the_shelf_can_be_unloaded_and_not_renewed():
    births = births_of(Shelf(b=B), {"a": A})
    with pytest.raises(UserError, match="P203"):
        births.renew(Change("renew"))
    assert births.renew(Change("unload", "a"))


@pytest.mark.parametrize(("name", "code"), [("broken", "P203"), ("ours", "P308")])
def test_one_that_may_not_be_served_changes_nothing(name, code):
    births = births_of(Shelf(a=A, b=B, broken=None, ours=OURS), {"a": A}, engine="inline")
    with pytest.raises(UserError, match=code):
        births.renew(Change("load", name))
    births.renew(Change("load", "b"))
    births.settle(fresh=True)
    assert set(births.served()) == {"a", "b"}


# the model is in `tests/doubles/serve.py`; the program is the supervisor's part
BORN = """
import http.client, importlib.util, json, select, signal, socket, sys
from trimtab.server.births import Around, Births, OnlyThose, fork_control
from trimtab.server.changes import Change
from trimtab.server.door import Doorways
from trimtab.server.guard.make import open_guard
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings
SETTINGS = Settings(processes=1)
TLS = Renewal(SETTINGS)
spec = importlib.util.spec_from_file_location("doubles_serve", sys.argv[1])
doubles = importlib.util.module_from_spec(spec)
sys.modules["doubles_serve"] = doubles
spec.loader.exec_module(doubles)
shelf = OnlyThose(lambda: {"churn": doubles.MemoryBundle(inline=True)})

def door():
    return socket.create_server(("127.0.0.1", 0))

def ask(sock, method, path):
    connection = http.client.HTTPConnection(*sock.getsockname(), timeout=20)
    connection.request(method, path)
    said = connection.getresponse().read().decode()
    connection.close()
    return said

def wait(what):
    assert select.select([what], [], [], 20)[0]

def log(event, fields):
    print(event, file=sys.stderr)
"""
SERVING = """
sock = door()
births = Births(
    shelf, {"churn": doubles.MemoryBundle(inline=True)}, [sock], SETTINGS, Around(log, open_guard(SETTINGS, log), TLS)
)
found = []
births.renew(Change("unload", "churn"))
births.settle(fresh=False)  # and so a fresh one serves what the others do
for first, fresh in ((True, False), (False, False), (False, True)):
    child = births.fork(0, fresh=fresh, first=first)
    while child.beat.state != "ready":
        wait(child.line)
        assert child.hear()
    lines = ask(sock, "GET", "/metrics").splitlines()
    found.append([line for line in lines if line.startswith("trimtab_restarts_total")][0].split()[-1])
    found.append([*json.loads(ask(sock, "GET", "/readyz"))["models"]])
    child.signal(signal.SIGUSR1)
    wait(child)
    found.append(child.end())
print(json.dumps([births.served(), found]))
"""
CONTROL = """
sock = door()
child = fork_control(Doorways(sock, TLS), shelf, log, SETTINGS)
import threading
said = []
thread = threading.Thread(target=lambda: said.append(ask(sock, "POST", "/v2/repository/models/churn/unload")))
thread.start()
while True:
    wait(child.line)
    order = json.loads(child.line.recv(1000))
    if order["do"] != "beat":
        break
child.line.send(json.dumps({"id": order["id"]}).encode())
thread.join(20)
child.line.shutdown(socket.SHUT_WR)
wait(child)
print(json.dumps([order, said, child.end()]))
"""


def born(alone, root, program, logged=""):
    ran = alone(BORN + program, str(root / "tests/doubles/serve.py"))
    assert ran.returncode == 0, ran.stderr
    assert logged in ran.stderr if logged else ran.stderr == ""
    return json.loads(ran.stdout)


def test_a_serving_process_answers_on_its_socket_and_one_in_its_place_is_counted(alone, root):
    served, found = born(alone, root, SERVING)
    assert served == {"churn": f"sha256:{'ab' * 32}"}
    assert found == ["0.0", ["churn"], 0, "1.0", ["churn"], 0, "1.0", ["churn"], 0]


def test_the_control_process_asks_on_its_line_and_ends_with_it(alone, root):
    order, said, status = born(alone, root, CONTROL, "audit")
    assert (order["do"], order["name"], said, status) == ("unload", "churn", ["{}"], 0)
