"""What `[server]` names: the paths that servers in containers read, and what is mounted there."""

from pathlib import Path

import pytest

from trimtab.core.deployment import Deployment, Secret
from trimtab.project.serving import serving_of
from trimtab.targets.container.files import settings_text
from trimtab.targets.container.named import asks, folders_of, fronts_of, keys_of, mounts_of, once_of, within

SERVER = {
    "auth": {
        "keys": "keys.json",
        "tokens": {"login.a": {"issuer": "https://a", "audiences": ["c"], "scopes": ["infer"], "authorities": "a.pem"}},
    },
    "limits": {"requests": "5/second", "file": "counts.bin", "callers": {"key:ci": {"concurrent": 2}}},
    "log": {"interactions": 0.5, "secret": "journal.secret", "columns": {"age": "drop"}},
    "audit": "audit",
    "proxies": ["10.0.0.0/8"],
    "tls_cert": "tls/cert.pem",
    "tls_key": "tls/key.pem",
    "admin": 8093,
}


def test_the_server_reads_each_at_the_place_where_it_is_mounted():
    said = serving_of(settings_text(Deployment("c", "prod", "", server=SERVER), ("10.89.0.1",)), "s.toml", Path("/x"))
    server, guard = said.server, said.server.guard
    mounted = {mount.target: mount for mount in mounts_of(SERVER, "/kept", "/here")}
    assert guard.keys == Path("/etc/trimtab-keys", keys_of(SERVER)[0].name)
    assert mounted["/etc/trimtab-keys"].source == "/kept/keys"
    given = {f"/etc/trimtab-secrets/{one.name}": one.source for one in once_of(SERVER)}
    assert given[str(guard.issuers[0].authorities)] == "file:a.pem"
    assert server.journal is not None
    assert given[str(server.journal.secret)] == "file:journal.secret"
    assert mounted[str(server.journal.folder)].source == "/kept/data/journal"
    assert mounted[str(guard.audit)].source == "/here/audit"
    assert guard.quotas is not None
    assert mounted[str(guard.quotas.parent)].source == "/kept/data/quotas"
    assert (guard.proxies, server.tls_cert, server.admin) == (("10.0.0.0/8", "10.89.0.1"), None, None)
    assert (guard.share.requests, dict(server.journal.columns)) == ("5/second", {"age": "drop"})


def test_what_is_written_to_is_kept_and_all_else_is_read_only():
    found = {mount.target: (mount.writable, mount.kept) for mount in mounts_of(SERVER, "/kept", "/here")}
    assert found.pop("/etc/trimtab-keys") == (False, False)
    assert set(found.values()) == {(True, True)}
    assert len(found) == 3


@pytest.mark.parametrize(("said", "source"), [("/var/j", "/var/j"), ("j", "/here/j"), ("", "/kept/data/journal")])
def test_a_folder_is_the_one_that_is_said(said, source):
    server = {"log": {"folder": said} if said else {}}
    assert [mount.source for mount in mounts_of(server, "/kept", "/here")] == [source]


def test_another_path_is_another_copy():
    one, other = (keys_of({"auth": {"keys": path}})[0].name for path in ("a.json", "b.json"))
    assert one != other
    assert Secret("authorities-x", "file:x") not in once_of(SERVER)


def test_where_nothing_is_named_nothing_is_mounted():
    for server in (
        {},
        {"auth": {}},
        {"auth": {"tokens": {"a": {"issuer": "https://a"}}}},
        {"limits": {"rows": "1/day"}},
    ):
        assert not [*keys_of(server), *fronts_of(server), *once_of(server), *folders_of(server)]
        assert within(server) == server


def test_keys_and_tokens_ask_and_nothing_else():
    assert asks(SERVER)
    assert asks({"auth": {"tokens": {"a": {}}}})
    assert not asks({"auth": {}})
    assert not asks({"limits": {"rows": "1/day"}})
