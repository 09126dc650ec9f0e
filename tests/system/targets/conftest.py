"""A store with three small bundles, and endpoints on this machine that end with the test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.doubles.plain_bundles import plain_bundle

from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store
from trimtab.core.deployment import Deployment
from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means


@dataclass(frozen=True)
class Shelf:
    """Bundles of one name; the third does not answer as its golden rows say."""

    store: Store
    one: Bundle
    other: Bundle
    broken: Bundle


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Made once, and changed by nobody but for aliases of environments."""
    store = Store(tmp_path_factory.mktemp("shelf"))
    one, other = (plain_bundle(store, factor) for factor in (2.0, 3.0))
    return Shelf(store, one, other, plain_bundle(store, 4.0, answers=5.0))


@pytest.fixture
def local(shelf: Shelf, tmp_path: Path) -> Iterator[LocalTarget]:
    """The target, over a folder of its own; what was left running is removed."""
    target = LocalTarget(Means(shelf.store.root, tmp_path / "targets", tmp_path), patience_s=60.0)
    yield target
    for path in (tmp_path / "targets/local").glob("*/*/"):
        target.remove(path.name, path.parent.name)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def wanted(shelf: Shelf) -> Deployment:
    """One serving process, one worker, a control plane."""
    port, admin = free_ports(2)
    server = {"admin": admin, "processes": 1, "workers": 1}
    return Deployment("small", "dev", shelf.one.digest, port=port, server=server)
