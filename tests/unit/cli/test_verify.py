"""`trimtab verify`."""

import json

import pytest

SMALL = 'name = "copy"\n[model]\npath = "m:a"\n[trust]\nkeys = ["ann.pub"]\n'


@pytest.fixture
def ann(signers, here):
    """Somebody with a key, whom the project's policy names."""
    person = signers.person("ann")
    (here / "ann.pem").write_bytes(person.private().pem)
    (here / "ann.pub").write_bytes(person.public.pem)
    (here / "trimtab.toml").write_text(SMALL)
    return person


def test_without_a_policy_it_says_so(type_in, answering):
    said = type_in("verify", "copy")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0].startswith(f"bundle     copy@{answering.digest}, ")
    assert lines[1:] == [
        "origin     packaged by this store",
        "policy     none is written",
        "signed     no",
        "code       1 parts",
        "runs       every policy lets it",
    ]


@pytest.mark.usefixtures("ann")
def test_no_until_somebody_whom_the_policy_names_has_signed(type_in, here, signers, answering):
    (here / "eve.pem").write_bytes(signers.person("eve").private().pem)
    assert type_in("verify").status == 1
    assert type_in("sign", "--key", "eve.pem").status == 0
    said = type_in("verify")
    assert (said.status, "P294" in said.err, "P293" in said.err) == (1, True, True)
    assert "signature  does not count: it is by no key that the policy names, or was changed" in said.out
    assert type_in("sign", "--key", "ann.pem").status == 0
    said = type_in("verify")
    assert said.status == 0
    assert "signature  by ann.pub (sha256:" in said.out
    said = json.loads(type_in("verify", "--json").out)
    assert (said["digest"], said["runs"], said["origin"]) == (answering.digest, True, "packaged")
    [policy] = said["policies"]
    assert {one["signer"]["name"] for one in policy["documents"] if one["signer"]} == {"ann.pub"}


@pytest.mark.usefixtures("answering", "ann")
def test_an_environment_can_ask_for_more(type_in, here):
    (here / "trimtab.toml").write_text(SMALL + "[env.prod.trust]\nat_least = 2\n")
    assert type_in("sign", "--key", "ann.pem").status == 0
    assert type_in("verify").status == 0
    said = type_in("verify", "--env", "prod")
    assert (said.status, "1 of the 2 signers" in said.err) == (1, True)
    assert type_in("verify", "--env", "prd").status == 2


def test_damage_is_a_no_and_every_damaged_file_is_named(type_in, answering):
    for name in ("golden/request.json", "golden/response.json"):
        path = answering.folder / name
        path.chmod(0o644)
        path.write_bytes(b"{}")
    said = type_in("verify", "copy")
    assert (said.status, said.err.count("P209")) == (1, 2)


def test_no_option_switches_it_off(type_in):
    for verb in ("verify", "serve", "score", "check", "tune"):
        text = type_in(verb, "--help").out
        assert not [word for word in ("--no-verify", "--skip", "--allow-code", "--unsigned", "--trust") if word in text]
