"""A running server and its callers: forged tokens, keys that rotate, one who tries again and again, shares."""

import http.client
import json
import signal
import threading
import time

import pytest
from tests.doubles.forgeries import FORGERIES, LONG, NO_HEADER
from tests.doubles.oidc import Provider

from trimtab.server.guard.keys.file import KeyEntry, encode_keys
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import Grant

ROW = json.dumps({"rows": [{"age": 30, "plan": "plus", "spend": 1.5}]}).encode()
PATH = "/v1/models/churn/rows"
READ = (Grant("read"), Grant("infer"))


def bearer(shown):
    return {"authorization": f"Bearer {shown}"}


def keys_in(folder, *names):
    """A file of keys, and the keys by their names."""
    ids = {name: new_id() for name in names}
    keys = {name: new_key(id_) for name, id_ in ids.items()}
    file = folder / "keys.json"
    file.write_bytes(encode_keys([KeyEntry(ids[name], name, hash_of(key), READ, 1) for name, key in keys.items()]))
    file.chmod(0o600)
    return file, keys


def issuer_of(provider, realm):
    said = provider.settings(realm, grants=(Grant("infer"),))
    names = ("name", "issuer", "audiences", "algorithm", "jwks", "grants")
    return {name: getattr(said, name) for name in names} | {"authorities": str(said.authorities)}


def ask(served, headers, body=ROW, connection=None):
    """Status and JSON of one request; on a connection of its own where none is given."""
    own = connection or http.client.HTTPConnection(served.http, timeout=30)
    try:
        own.request("POST", PATH, body, {"content-type": "application/json"} | headers)
        response = own.getresponse()
        return response.status, json.loads(response.read())
    finally:
        if connection is None:
            own.close()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with Provider(tmp_path_factory.mktemp("idp")) as provider:
        yield provider


@pytest.fixture(scope="module")
def served(serve, provider):
    issuers = [issuer_of(provider, realm) for realm in (provider.main, provider.edge)]
    return serve(guard={"issuers": issuers}, processes=1, workers=0)


@pytest.mark.parametrize("name", [name for name in FORGERIES if name not in NO_HEADER])
def test_a_forged_token_is_refused(served, provider, name):
    status, said = ask(served, bearer(FORGERIES[name](provider)))
    assert status in {401, 429} | ({431} if name in LONG else set())
    assert said["code"] in ("P331", "P333", "P320")


def test_a_good_token_of_each_issuer_passes_beside_them(served, provider):
    for realm in (provider.main, provider.edge):
        assert ask(served, bearer(realm.token()))[0] == 200


def test_no_good_token_is_refused_while_keys_rotate(served, provider):
    stop, answers = threading.Event(), []

    def caller():
        connection = http.client.HTTPConnection(served.http, timeout=30)
        while not stop.is_set():
            status, said = ask(served, bearer(provider.main.token()), connection=connection)
            answers.append(status if status == 200 else said["error"])
        connection.close()

    threads = [threading.Thread(target=caller) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(2.2)  # a key is published for two turns, and asked for at most once in two seconds
        provider.main.rotate()
    time.sleep(2.5)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert set(answers) == {200}
    assert len(answers) > 50
    old = provider.main.token()
    provider.main.rotate()
    provider.main.retire()
    assert ask(served, bearer(provider.main.token()))[0] == 200
    assert ask(served, bearer(old))[0] in (401, 429)


@pytest.fixture(scope="module")
def keyed(serve, tmp_path_factory):
    file, keys = keys_in(tmp_path_factory.mktemp("keys"), "good", "spare")
    return serve(guard={"keys": str(file)}, processes=1, workers=0), keys, file


def test_brute_force_disturbs_nobody(keyed):
    served, keys, _ = keyed
    tries = []
    good = []
    connection = http.client.HTTPConnection(served.http, timeout=30)
    for number in range(400):
        tries.append(ask(served, bearer(new_key(new_id())), connection=connection)[0])
        if number % 10 == 0:
            good.append(ask(served, bearer(keys["good"]), connection=connection)[0])
    connection.close()
    assert set(good) == {200}, "a good key is always taken, also from the same address"
    assert tries[:10] == [401] * 10
    assert set(tries[10:]) == {429}


def test_a_thousand_forged_addresses_are_one_client(keyed):
    served, keys, _ = keyed
    got = []
    connection = http.client.HTTPConnection(served.http, timeout=30)
    for number in range(1000):
        forged = {"x-forwarded-for": f"10.{number % 250}.{number // 250}.1", "forwarded": f"for=10.9.{number % 250}.2"}
        got.append(ask(served, bearer(new_key(new_id())) | forged, connection=connection)[0])
    assert ask(served, bearer(keys["good"]) | forged, connection=connection)[0] == 200
    connection.close()
    assert got.count(401) <= 10
    assert set(got) <= {401, 429}


def test_a_key_that_is_revoked_or_added_counts_within_seconds(keyed):
    served, keys, file = keyed
    before = file.read_bytes()
    kept = [entry for entry in json.loads(before)["keys"] if entry["name"] == "good"]
    file.write_bytes(json.dumps({"format": 1, "keys": kept}).encode())
    try:
        deadline = time.monotonic() + 10
        while ask(served, bearer(keys["spare"]))[0] == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert ask(served, bearer(keys["good"]))[0] == 200
    finally:
        file.write_bytes(before)
    deadline = time.monotonic() + 10
    while ask(served, bearer(keys["spare"]))[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_share_counts_over_all_processes_and_survives_a_restart(serve, tmp_path):
    file, keys = keys_in(tmp_path, "good", "spare")
    guard = {
        "keys": str(file), "quotas": str(tmp_path / "quotas.bin"),
        "share": {"requests": "1000/second; 30/day", "rows": "200/day"},
    }  # fmt: skip

    def begin():
        return serve(guard=guard, processes=2, workers=0)

    first = begin()
    got = [ask(first, bearer(keys["good"]))[0] for _ in range(20)]
    assert set(got) == {200}
    first.process.send_signal(signal.SIGTERM)
    first.process.wait(30)
    second = begin()
    got = [ask(second, bearer(keys["good"])) for _ in range(15)]
    assert [status for status, _ in got] == [200] * 10 + [429] * 5
    assert got[-1][1]["code"] == "P333"
    assert "30 per 1 day" in got[-1][1]["error"]
    many = json.dumps({"rows": [{"age": 30, "plan": "plus", "spend": 1.5}] * 150}).encode()
    assert [ask(second, bearer(keys["spare"]), many)[0] for _ in range(2)] == [200, 429], "another's share is whole"


def test_where_nobody_is_asked_each_address_has_a_share_and_a_proxy_s_word_counts_if_it_is_named(serve):
    share = {"requests": "50/day"}
    closed = serve(guard={"share": share}, processes=1, workers=0)
    got = [ask(closed, {"x-forwarded-for": f"192.0.2.{number}"})[0] for number in range(60)]
    assert (got.count(200), got.count(429)) == (50, 10)
    proxied = serve(guard={"share": share, "proxies": ["127.0.0.1/32"]}, processes=1, workers=0)
    got = [ask(proxied, {"x-forwarded-for": f"192.0.2.{number}"})[0] for number in range(60)]
    assert set(got) == {200}
    got = [ask(proxied, {"x-forwarded-for": f"9.9.9.{number}, 198.51.100.7"})[0] for number in range(60)]
    assert (got.count(200), got.count(429)) == (50, 10), "what is left of the last address may be forged"


def test_so_many_requests_at_once_and_no_more(serve, tmp_path):
    file, keys = keys_in(tmp_path, "good", "spare")
    served = serve(guard={"keys": str(file), "share": {"concurrent": 2}}, processes=1, workers=2, answer_timeout_s=10)
    slow = json.dumps({"rows": [{"age": 14, "plan": "plus", "spend": 1.5}]}).encode()  # takes two seconds
    got = []
    threads = [
        threading.Thread(target=lambda: got.append(ask(served, bearer(keys["good"]), slow)[0])) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    assert ask(served, bearer(keys["good"]))[0] == 429
    assert ask(served, bearer(keys["spare"]))[0] == 200
    for thread in threads:
        thread.join(30)
    assert got == [200, 200]
    assert ask(served, bearer(keys["good"]))[0] == 200
