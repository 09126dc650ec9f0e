"""A push or a pull that is killed leaves both sides whole, and the next one finishes with what is still missing."""

from __future__ import annotations

import json
import signal

import pytest
from tests.system.registry.conftest import make_bundle

from trimtab.bundle.store import Store

LARGE = 9_000_000


def stalls(child, after):
    """The registry takes or gives so many bytes, and then the command is killed."""

    def act(handler):
        if handler.command == "GET":
            answer = handler.ask()
            handler.send_response(answer.status)
            handler.send_header("Content-Length", str(len(answer.body)))
            handler.send_header("Content-Type", dict(answer.headers)["Content-Type"])
            handler.end_headers()
            handler.wfile.write(answer.body[:after])
            handler.wfile.flush()
            child[0].wait_until(lambda: arrived(child, after))
        else:
            handler.ask(after)
        child[0].signal(signal.SIGKILL)
        child[0].end()
        handler.drop()

    return act


def arrived(child, after):
    """Whether what was sent so far has been written down; where nothing is to be seen of it, at once."""
    kept = [path.stat().st_size for path in child[1].glob("partial/*")]
    return not kept or sum(kept) >= after


@pytest.fixture
def killed(meddler, start, tmp_path):
    """Runs a command until a request of that kind, which is its last one."""

    def run(method, pattern, after, *command):
        child = []
        meddler.spoil(method, pattern, stalls(child, after))
        child += [start("trimtab", *command, cwd=tmp_path), tmp_path / ".trimtab"]
        assert child[0].end() == -signal.SIGKILL, child[0].err
        meddler.rules.clear()

    return run


@pytest.mark.parametrize(
    "at",
    [
        ("POST", "/uploads/", 0),
        ("PUT", "/uploads/", 100),
        ("PATCH", "/uploads/", 2_000_000),
        ("PUT", "/manifests/", 50),
    ],
)
def test_a_push_that_is_killed(registry, meddler, killed, trimtab, tmp_path, at):
    bundle = make_bundle(tmp_path / "made", LARGE)
    place = f"{meddler.address}/m"
    killed(*at, "push", "./made", place)
    assert registry.tags("m") == []
    before = registry.blobs()
    pushed = json.loads(trimtab("push", "./made", place, "--json").stdout)
    assert registry.tags("m") == [bundle.digest[7:19]]
    assert pushed["blobs_spared"] == len(before)
    pulled = json.loads(trimtab("pull", f"{place}@{bundle.digest}", "--json").stdout)
    assert pulled["digest"] == bundle.digest


@pytest.mark.parametrize("at", [("/manifests/", 100, 0), ("/blobs/sha256", 0, 0), ("WEIGHTS", 4_000_000, 4_000_000)])
def test_a_pull_that_is_killed(registry, meddler, killed, trimtab, tmp_path, at):
    pattern, after, kept = at
    bundle = make_bundle(tmp_path / "made", LARGE)
    weights = bundle.manifest.files["model/weights"].sha256
    trimtab("push", "./made", f"{registry.address}/m")
    place = f"{meddler.address}/m@{bundle.digest}"
    killed("GET", pattern.replace("WEIGHTS", weights), after, "pull", place)
    store = Store(tmp_path / ".trimtab")
    assert store.list() == ()
    pulled = json.loads(trimtab("pull", place, "--json").stdout)
    assert (pulled["digest"], pulled["bytes_spared"]) == (bundle.digest, kept)
    assert store.resolve(bundle.digest).digest == bundle.digest
    assert list((store.root / "incoming").iterdir()) == []
    assert not (store.root / "partial").exists()
