"""Endpoints on this machine, for real: each test starts servers, and leaves none."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import Child
from tests.doubles.nth import KILLED, kill_at
from tests.system.targets.conftest import Shelf

from trimtab.cli.keymaking import Wanted, make_key
from trimtab.core.deployment import Deployment, Secret
from trimtab.core.errors import RefusedError, UserError
from trimtab.core.traffic import Traffic
from trimtab.ops.flights.server import Reach, ServerFlown
from trimtab.server.guard.principal import parse_grant
from trimtab.targets.local.leave import end_of
from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means
from trimtab.testing import Callers, TargetCase, check_target, over_http, rows_of


def _quiet(_topic: str, _text: str) -> None:
    pass


def _pid(local: LocalTarget, one: Deployment) -> int:
    hello = local.place(one.name, one.environment).seat.hello(10)
    assert hello is not None
    return hello.pid


def test_local_keeps_every_promise_of_a_target(
    local: LocalTarget, shelf: Shelf, wanted: Deployment, tmp_path: Path
) -> None:
    secret = _key(tmp_path / "keys.json")

    def kill(number: int, one: Deployment) -> None:
        assert kill_at(number, lambda: local.apply(one, _quiet) and None) == KILLED

    wanted = replace(wanted, server={**wanted.server, "processes": 2})
    case = TargetCase(
        one=wanted,
        other=shelf.other.digest,
        rows={one.digest: rows_of(one) for one in (shelf.one, shelf.other)},
        broken=shelf.broken.digest,
        changed=replace(wanted, timeout_s=9.0, server={**wanted.server, "processes": 1}),
        secured=replace(wanted, server={**wanted.server, "auth": {"keys": "keys.json"}}),
        headers={"authorization": f"Bearer {secret}"},
        kills=(partial(kill, 53),),  # where the alias of the store has moved
        same=lambda: _pid(local, wanted),
    )
    check_target(lambda: local, case)
    left = [path for path in (tmp_path / "targets").rglob("*") if path.is_file()]
    assert [path.name for path in left] == [".small.lock"]


def _key(path: Path) -> str:
    return make_key(path, Wanted("ci", (parse_grant("infer"),), int(time.time()))).key.reveal()


def test_a_dead_server_and_changes_by_hand_are_seen_and_mended(
    local: LocalTarget, shelf: Shelf, wanted: Deployment
) -> None:
    local.apply(wanted, _quiet)
    os.kill(_pid(local, wanted), signal.SIGKILL)
    settings = local.place("small", "dev").folder / "settings.toml"
    settings.write_text("[server]\n")
    shelf.store.tag("small", "env-dev", shelf.other.digest)
    dead = local.status("small", "dev")
    assert not dead.ready
    assert dead.revisions[0].state == "stopped"
    said = " ".join(dead.differs)
    assert "settings.toml` was changed" in said
    assert "no server runs" in said
    assert f"means `{shelf.other.digest[:15]}`" in said
    mended = local.apply(wanted, _quiet)
    assert (mended.ready, mended.differs) == (True, ())
    assert over_http(mended.address, "/v2/models/small/infer", rows_of(shelf.one).request).status == 200


def test_a_flight_is_steered_by_the_control_plane_and_its_end_is_written_down(
    local: LocalTarget, shelf: Shelf, wanted: Deployment
) -> None:
    with_challenger = replace(wanted, challenger=shelf.other.digest)
    status = local.apply(with_challenger, _quiet)
    flown = ServerFlown(Reach(status.control), "small", "f1", shelf.other.digest)
    flown.start(shelf.other.digest)
    end = time.monotonic() + 60
    while (found := flown.status()) is None or found.state == "loading":
        assert time.monotonic() < end
        time.sleep(0.05)
    flown.steer(Traffic("f1", 0.25), 60.0)
    aloft = local.status("small", "dev")
    assert [(one.bundle, one.state, one.share) for one in aloft.revisions] == [
        (shelf.one.digest, "ready", 0.75),
        (shelf.other.digest, "ready", 0.25),
    ]
    with pytest.raises(RefusedError, match="P507"):
        local.apply(replace(with_challenger, timeout_s=3.0), _quiet)
    flown.promote()
    promoted = local.status("small", "dev")
    assert promoted.differs
    pid = _pid(local, wanted)
    ended = local.apply(replace(wanted, bundle=shelf.other.digest), _quiet)
    assert (ended.ready, ended.differs, [one.bundle for one in ended.revisions]) == (True, (), [shelf.other.digest])
    assert _pid(local, wanted) == pid


def test_secrets_are_named_where_they_are_missing_and_written_nowhere(
    shelf: Shelf, wanted: Deployment, tmp_path: Path
) -> None:
    means = Means(shelf.store.root, tmp_path / "targets", tmp_path)
    secrets = (Secret("TOKEN", "env:LOCAL_TOKEN"), Secret("OTHER", "file:other.txt"))
    asked = replace(wanted, secrets=secrets, variables={"PLAIN": "seen"})
    with pytest.raises(UserError) as caught:
        LocalTarget(means, environ={}).apply(asked, _quiet)
    assert [problem.where for problem in caught.value.problems] == [
        "[env.dev] secrets.TOKEN",
        "[env.dev] secrets.OTHER",
    ]
    (tmp_path / "other.txt").write_text("hidden-two\n")
    target = LocalTarget(means, environ={**os.environ, "LOCAL_TOKEN": "hidden-one"}, patience_s=60)
    try:
        target.apply(asked, _quiet)
        pid = _pid(target, wanted)
        has = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"LOCAL_TOKEN=hidden-one" in has
        text = b"".join(path.read_bytes() for path in (tmp_path / "targets").rglob("*") if path.is_file())
        assert b"hidden" not in text
        assert b"PLAIN" in text
    finally:
        target.remove("small", "dev")


def test_what_does_not_start_is_told_in_the_servers_words(
    local: LocalTarget, wanted: Deployment, free_port: int
) -> None:
    with socket.create_server(("127.0.0.1", free_port)), pytest.raises(RefusedError, match="P501") as caught:
        local.apply(replace(wanted, port=free_port), _quiet)
    assert f"port {free_port} is taken" in str(caught.value)
    assert caught.value.problems[0].hint == "`ss -ltnp` says who has the port"
    assert local.status("small", "dev").live is None


def test_under_systemd_it_starts_anew_and_nobody_is_turned_away(
    local: LocalTarget, shelf: Shelf, wanted: Deployment, start: Callable[..., Child], root: Path, tmp_path: Path
) -> None:
    rows = rows_of(shelf.one)
    local.apply(wanted, _quiet)
    place = local.place("small", "dev")
    files = {path.name: path.read_text() for path in place.folder.glob("*.s*")}
    end_of(place.seat, 30)
    (tmp_path / "units").mkdir()
    for name, text in files.items():
        (tmp_path / "units" / name).write_text(text)
    init = start("python", str(root / "tests/doubles/init_system.py"), str(tmp_path / "units"))
    init.wait_until(lambda: "held" in init.out)
    status = local.apply(wanted, _quiet)
    assert (status.ready, status.differs) == (True, ())

    def ask() -> tuple[str, str]:
        answered = over_http(status.address, "/v2/models/small/infer", rows.request)
        return ("", repr(answered)) if answered.status != 200 or rows.fault(answered.body) else ("answered", "")

    changed = replace(wanted, timeout_s=7.0)
    with Callers(ask) as callers:
        assert local.apply(changed, _quiet).ready
    assert not callers.faults
    assert "ended 0" in init.out
    os.kill(_pid(local, wanted), signal.SIGKILL)
    init.wait_until(lambda: "ended -9" in init.out)
    init.wait_until(lambda: local.status("small", "dev").ready)
    assert local.status("small", "dev").differs == ()
    init.process.terminate()
    init.process.wait(30)


def test_the_units_are_what_systemd_takes(
    local: LocalTarget, wanted: Deployment, program: Callable[[str], str], tmp_path: Path
) -> None:
    for name, text in local.render(wanted).files.items():
        if name.endswith((".service", ".socket")):
            (tmp_path / Path(name).name).write_text(text)
    units = sorted(str(path) for path in tmp_path.glob("*.s*"))
    found = subprocess.run([program("systemd-analyze"), "verify", *units], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, ""), found.stderr
