"""The target `container` with a real podman: side by side behind a router, locked, asked, killed, altered, gone."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.manifest import encode
from trimtab.cli.keymaking import Wanted, make_key
from trimtab.core.deployment import Deployment, Resources, Secret
from trimtab.server.guard.principal import parse_grant
from trimtab.targets.container.engine import Program
from trimtab.targets.container.target import ContainerTarget, Settled
from trimtab.targets.target import Means
from trimtab.testing import Answered, TargetCase, check_target, over_http, rows_of

QUIET = lambda *_: None  # noqa: E731
SOAK = "SOAK" in os.environ


class Place:
    """One endpoint under a podman of its own, and what is known of it."""

    def __init__(self, podman, shop, base, port: int) -> None:
        self.podman, self.shop = podman, shop
        self.program = podman.folder / "podman"
        self.program.write_text(
            f'#!/bin/sh\nexport CONTAINERS_CONF="{podman.folder}/containers.conf"\n'
            f'exec "{podman.program}" --root "{podman.folder}/root" --runroot "{podman.folder}/run" "$@"\n'
        )
        self.program.chmod(0o755)
        self.settled = Settled(base=str(base("amd64")), patience_s=180)  # a busy machine is no fault
        self.project = podman.folder / "project"
        self.project.mkdir()
        self.means = Means(shop.store.root, podman.folder / "kept", self.project)
        self.target = ContainerTarget(lambda: Program(str(self.program), "podman"), self.settled, self.means)
        token = podman.folder / "token"
        token.write_text("hush-hush")
        self.key("ops")
        self.plain = {"drain": "1s", "processes": 1}
        self.wanted = Deployment(
            "small",
            "prod",
            shop.bundle.digest,
            port=port,
            server={**self.plain, "auth": {"keys": "keys.json"}, "log": {"interactions": 1.0}, "audit": "records"},
            resources=Resources(cpu=1.0, memory=400 * 2**20),
            variables={"REGION": "eu $x"},
            secrets=(Secret("TOKEN", f"file:{token}"),),
        )

    def key(self, name: str) -> dict[str, str]:
        """Headers of somebody who may infer from now on, as far as the file of keys goes."""
        made = make_key(self.project / "keys.json", Wanted(name, (parse_grant("infer"),), int(time.time())))
        return {"authorization": f"Bearer {made.key.reveal()}"}

    def ask(self, headers: Mapping[str, str]) -> int:
        address, rows = f"http://127.0.0.1:{self.wanted.port}", rows_of(self.shop.bundle)
        return over_http(address, "/v2/models/small/infer", rows.request, headers).status

    def apply_in_process(self, wanted: Deployment, killed_at: str) -> int:
        said = {
            "engine": str(self.program),
            "store": str(self.means.store),
            "folder": str(self.means.folder),
            "root": str(self.means.root),
            "settled": msgspec.to_builtins(self.settled),
            "wanted": msgspec.to_builtins(wanted),
        }
        command = [sys.executable, str(Path(__file__).parents[2] / "doubles/contained.py"), json.dumps(said), killed_at]
        return subprocess.run(command, check=False, timeout=120).returncode

    def names(self, what: str = "ps --all") -> list[str]:
        form = "{{.Names}}" if what.startswith("ps") else "{{.Name}}"
        return sorted(self.podman(*what.split(), "--format", form).stdout.split())


@pytest.fixture(scope="module")
def place(podman, shop, base) -> Iterator[Place]:
    """The endpoint runs the first bundle when a test begins that asks for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    one = Place(podman, shop, base, port)
    one.target.apply(one.wanted, QUIET)
    yield one
    one.target.remove("small", "prod")


@pytest.fixture(scope="module")
def second(shop, tmp_path_factory) -> str:
    """The same model from another commit: another digest, the same answers."""
    folder = tmp_path_factory.mktemp("second") / "bundle"
    shutil.copytree(shop.bundle.folder, folder)
    manifest = msgspec.structs.replace(
        shop.bundle.manifest, source=msgspec.structs.replace(shop.bundle.manifest.source, commit="f" * 40)
    )
    (folder / "bundle.json").chmod(0o644)
    (folder / "bundle.json").write_bytes(encode(manifest))
    return shop.store.add(folder)


LOOK = """
import json, os
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\\t' in line)
def writes(place):
    try:
        open(place + '/x', 'w')
    except OSError as error:
        return error.strerror
    return 'written'
print(json.dumps({
    'uid': os.getuid(), 'caps': status['CapEff'], 'bound': status['CapBnd'],
    'new': status['NoNewPrivs'], 'seccomp': status['Seccomp'],
    'opt': writes('/opt/trimtab'), 'settings': writes('/etc/trimtab'), 'tmp': writes('/tmp'),
    'keys': [oct(os.stat('/etc/trimtab-keys/' + one).st_mode) for one in os.listdir('/etc/trimtab-keys')],
    'key': writes('/etc/trimtab-keys'), 'journal': oct(os.stat('/var/lib/trimtab/journal').st_mode),
    'token': open('/etc/trimtab-secrets/TOKEN').read(), 'mode': oct(os.stat('/etc/trimtab-secrets/TOKEN').st_mode),
}))
"""


def test_what_runs_is_what_is_wanted_and_may_do_nothing_else(place):
    wanted = place.wanted
    status = place.target.status("small", "prod")
    assert (status.live, status.differs, status.ready) == (wanted, (), True)
    assert [(one.bundle, one.state, one.share) for one in status.revisions] == [(wanted.bundle, "ready", 1.0)]
    name = next(one for one in place.names() if not one.endswith("router"))
    found = json.loads(place.podman("exec", name, "python", "-c", LOOK).stdout)
    assert found == {
        "uid": 10001, "caps": "0" * 16, "bound": "0" * 16, "new": "1", "seccomp": "2",
        "opt": "Read-only file system", "settings": "Read-only file system", "tmp": "written",
        "keys": ["0o100400"], "key": "Read-only file system", "journal": "0o40700",
        "token": "hush-hush", "mode": "0o100400",
    }  # fmt: skip
    (said,) = json.loads(place.podman("inspect", name).stdout)
    host = said["HostConfig"]
    assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (400 * 2**20, 10**9, 512)
    assert "hush-hush" not in json.dumps(said)
    kept = [path for path in place.means.folder.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"hush-hush" in path.read_bytes()]


def test_keys_that_change_are_seen_without_a_restart(place):
    running = place.podman("ps", "--quiet").stdout
    headers = place.key("ci")
    assert (place.ask(headers), place.ask({})) == (401, 401)
    assert "keys.json" in place.target.status("small", "prod").differs[0]
    assert place.target.apply(place.wanted, QUIET).differs == ()
    end = time.monotonic() + 30
    while (status := place.ask(headers)) != 200:
        assert (status, time.monotonic() < end) == (401, True)
        time.sleep(0.1)
    assert place.podman("ps", "--quiet").stdout == running
    records = [json.loads(line) for line in (place.project / "records/audit.jsonl").read_text().splitlines()]
    assert {one["client"] for one in records} == {"127.0.0.1"}, "as the router sees its callers"


def test_a_flight_is_steered_at_the_control_plane(place, second):
    wanted = replace(place.wanted, challenger=second)
    control = place.target.apply(wanted, QUIET).control
    line = http.client.HTTPConnection(control.removeprefix("http://"), timeout=20)

    def say(method: str, path: str, body: object = None) -> int:
        line.request(method, f"/v1/flights/small{path}", None if body is None else json.dumps(body))
        answer = line.getresponse()
        answer.read()
        return answer.status

    assert say("POST", "", {"flight": "f1", "challenger": second}) == 202
    assert say("PUT", "/traffic", {"flight": "f1", "share": 0.5, "lease_s": 60.0}) == 200
    shares = {one.bundle: one.share for one in place.target.status("small", "prod").revisions}
    assert shares == {wanted.bundle: 0.5, second: 0.5}
    assert say("POST", "/promote", {"flight": "f1"}) == 200
    line.close()
    status = place.target.status("small", "prod")
    assert [one.bundle for one in status.revisions if one.share] == [second]
    place.wanted = replace(place.wanted, bundle=second)
    names = set(place.names())
    assert place.target.apply(place.wanted, QUIET).live == place.wanted
    assert set(place.names()) < names, "what was flown is what answers"


def test_what_is_changed_by_hand_is_named_and_mended(place):
    name = next(one for one in place.names() if not one.endswith("router"))
    place.podman("stop", "--time", "5", name)
    status = place.target.status("small", "prod")
    assert not status.ready
    assert [one.state for one in status.revisions] == ["stopped"]
    assert any("does not run" in one for one in status.differs)
    status = place.target.apply(place.wanted, QUIET)
    assert (status.live, status.differs, status.ready) == (place.wanted, (), True)


def unhurried(address: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answered:
    """Some hundred requests a second: more would take the processors from the containers that come up."""
    time.sleep(0.01)
    return over_http(address, path, body, headers)


@pytest.mark.timeout(600)
def test_it_keeps_every_promise_of_a_target_and_leaves_nothing(place, shop, second, remodelled):
    """Replaced while it is asked, killed, refused, taken away; and what others run stays."""
    secured, target = replace(place.wanted, bundle=shop.bundle.digest), place.target
    wanted = replace(secured, server=place.plain)
    target.remove("small", "prod")
    image = place.podman("images", "--quiet").stdout.split()[0]
    place.podman("create", "--name", "stranger", "--label", "trimtab.endpoint=small", "--network", "none", image)

    def kill(one: Deployment) -> None:
        """When the new one is up, and nobody is sent there yet."""
        assert place.apply_in_process(one, "switching") == -signal.SIGKILL
        assert target.status("small", "prod").ready

    both = (shop.bundle, shop.store.resolve(f"small@{second}"))
    case = TargetCase(
        one=wanted,
        other=second,
        rows={one.digest: rows_of(one) for one in both},
        broken=remodelled.bundle.digest if SOAK else "",  # two starts more; in memory it is always tried
        kills=(kill,),
        secured=secured,
        headers=place.key("checked"),
        same=lambda: place.podman("ps", "--quiet").stdout,
        ask=unhurried,
    )
    check_target(lambda: target, case)
    assert place.names() == ["stranger"]
    assert place.names("secret ls") == []
    assert [one for one in place.names("network ls") if one.startswith("trimtab")] == []
    left = {path for path in place.means.folder.rglob("*") if path.is_file() and path.name != "lock"}
    journal = {path for path in left if "data/journal" in path.as_posix()}
    assert left == journal, "what was answered is kept, and nothing else"
    assert any(path.stat().st_size for path in journal if path.parent.name == "segments")
    place.podman("rm", "stranger")
