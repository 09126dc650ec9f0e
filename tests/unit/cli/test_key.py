"""`trimtab key`: what is printed of keys, for people and programs."""

import json
import time

import pytest

from trimtab.cli.key import keys_file
from trimtab.server.guard.keys.text import hash_of, id_of

ADD = ("key", "add", "ci", "--scope", "infer:churn-*", "--scope", "read")


def test_the_key_is_alone_on_stdout_and_the_talk_is_not(type_in, here):
    said = type_in(*ADD)
    key = said.out.removesuffix("\n")
    assert (said.status, bool(id_of(key))) == (0, True)
    assert said.err == (
        f"added      {id_of(key)}  ci: infer:churn-*, read; never ends\nkey        shown this once, and kept nowhere\n"
    )
    assert hash_of(key) in (here / ".trimtab/keys.json").read_text()


def test_as_json_the_key_is_in_it(type_in):
    made = json.loads(type_in(*ADD, "--expires", "90d", "--json").out)
    assert made["id"] == id_of(made["key"])
    assert (made["name"], made["grants"], made["state"]) == ("ci", ["infer:churn-*", "read"], "active")
    age = time.mktime(time.strptime(made["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(
        time.strptime(made["created"], "%Y-%m-%dT%H:%M:%SZ")
    )
    assert abs(age - 90 * 86400) <= 3600  # a change of the hour in between


def test_a_key_can_go_into_a_file_and_nowhere_else(type_in, here):
    said = type_in(*ADD, "--to", "key", "--json")
    key = (here / "key").read_text().removesuffix("\n")
    assert json.loads(said.out)["file"] == "key"
    assert key not in said.out + said.err
    said = type_in(*ADD, "--to", "other")
    assert said.out == ""
    assert "key        in `other`, and kept nowhere else" in said.err


def test_an_older_key_stays_and_that_is_said_or_ends(type_in):
    old = id_of(type_in(*ADD).out.strip())
    said = type_in("key", "add", "ci").err
    assert f"older      {old}  stays\n" in said
    assert "`trimtab key revoke ID` ends an older one" in said
    said = type_in("key", "add", "ci", "--overlap", "24h").err
    assert said.count("  ends 2") == 2
    assert "stays" not in said
    assert "older" not in type_in("key", "add", "ci", "--overlap", "0s").err


def test_the_list_shows_no_hash(type_in):
    keys = [type_in(*ADD).out.strip(), type_in("key", "add", "shop", "--scope", "feedback").out.strip()]
    type_in("key", "revoke", "shop")
    said = type_in("key", "list")
    rows = [line.split() for line in said.out.splitlines()]
    assert rows[0] == ["id", "name", "grants", "created", "expires", "state"]
    assert [(row[0], row[1], row[-1]) for row in rows[1:]] == [
        (id_of(keys[0]), "ci", "active"),
        (id_of(keys[1]), "shop", "revoked"),
    ]
    plain = type_in("key", "list", "--json").out
    assert [set(one) for one in json.loads(plain)["keys"]] == [
        {"id", "name", "grants", "created", "expires", "revoked", "state"}
    ] * 2
    for key in keys:
        assert hash_of(key) not in said.out + plain
        assert key not in said.out + plain


def test_no_keys_are_said_in_talk(type_in):
    assert type_in("key", "list") == (0, "", "no keys\n")
    assert json.loads(type_in("key", "list", "--json").out) == {"keys": []}


def test_revoking_says_which(type_in):
    ids = [id_of(type_in(*ADD).out.strip()) for _ in range(2)]
    assert type_in("key", "revoke", ids[0]) == (0, f"revoked    {ids[0]}  ci\n", "")
    ended = json.loads(type_in("key", "revoke", "ci", "--json").out)["keys"]
    assert [(one["id"], one["state"]) for one in ended] == [(id_, "revoked") for id_ in ids]
    said = type_in("key", "revoke", "cj")
    assert (said.status, said.out) == (2, "")
    assert "error[P343]: there is no key of the name or id `cj`" in said.err


def test_a_file_of_keys_can_be_elsewhere(type_in, here):
    key = type_in(*ADD, "--keys", "other.json").out.strip()
    assert id_of(key) in type_in("key", "list", "--keys", "other.json").out
    assert not (here / ".trimtab").exists()
    assert keys_file(None, None) == here / ".trimtab/keys.json"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "ci"), "error[P113]: `--scope` is missing"),
        (("add", "ci", "--scope", "all"), "error[P114]: `--scope`: `all` is not a scope: `infer`"),
        (("add", "ci", "--scope", "read", "--expires", "90"), "error[P114]: `--expires`: `90` has no unit"),
        (("add", "ci", "--scope", "read", "--expires", "0s"), "error[P114]: `--expires`: a key ends within"),
        (("add", "ci", "--scope", "read", "--overlap", "99999999d"), "error[P114]: `--overlap`: a key ends within"),
        (("add", "CI", "--scope", "read"), "error[P114]: `NAME`: the name of a key is"),
        (("add",), "error[P113]: `NAME` is missing"),
        (("list", "--keys", "."), "error[P342]: the file of keys cannot be read"),
    ],
)
def test_what_is_typed_wrong_makes_no_key(type_in, here, words, said):
    found = type_in("key", *words)
    assert (found.status, found.out) == (2, "")
    assert said in found.err
    assert list(here.iterdir()) == [] or not list(here.glob(".trimtab/keys.json"))


def test_the_project_says_where_keys_and_records_are(type_in, here):
    (here / "trimtab.toml").write_text(
        'name = "churn"\n[model]\npath = "m:a"\n[server]\naudit = "audit"\n[server.auth]\nkeys = "own.json"\n'
    )
    key = type_in("key", "add", "ci", "--scope", "infer").out.strip()
    type_in("key", "revoke", "ci")
    assert json.loads((here / "own.json").read_text())["keys"][0]["name"] == "ci"
    records = [json.loads(line) for line in (here / "audit/audit.jsonl").read_text().splitlines()]
    assert [(one["what"], one["key"].partition(":")[0]) for one in records] == [("key add", "ci"), ("key revoke", "ci")]
    assert key not in (here / "audit/audit.jsonl").read_text()
