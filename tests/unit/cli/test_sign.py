"""`trimtab sign`."""

import json

import pytest

from trimtab.bundle.evidence import evidence_of
from trimtab.bundle.trust.envelope import read_signed


@pytest.fixture
def ann(signers, here):
    """Somebody with a key, one with a password, and a certificate, in this folder."""
    person, root = signers.person("ann"), signers.person("root")
    (here / "ann.pem").write_bytes(person.private().pem)
    (here / "locked.pem").write_bytes(person.private(b"secret").pem)
    (here / "ann.crt").write_bytes(signers.certificate(person, root).pem)
    return person


def kept(here, bundle):
    return evidence_of(here / ".trimtab", bundle.digest)


@pytest.mark.usefixtures("ann")
def test_both_documents_are_kept_beside_the_bundle_once(type_in, here, answering):
    for _ in range(2):
        said = type_in("sign", "copy", "--key", "ann.pem")
        assert said.status == 0
    assert f"signed     copy@{answering.digest}, " in said.out
    assert "by         key sha256:" in said.out
    assert len(kept(here, answering)) == 2


@pytest.mark.usefixtures("ann")
def test_a_password_comes_from_the_environment_and_never_from_the_command_line(type_in, here, answering, monkeypatch):
    said = type_in("sign", "copy", "--key", "locked.pem")
    assert (said.status, "P292" in said.err, "TRIMTAB_KEY_PASSWORD" in said.err) == (2, True, True)
    assert type_in("sign", "copy", "--key", "locked.pem", "--password", "secret").status == 2
    monkeypatch.setenv("TRIMTAB_KEY_PASSWORD", "secret")
    said = type_in("sign", "copy", "--key", "locked.pem")
    assert (said.status, "secret" in said.out + said.err) == (0, False)
    assert len(kept(here, answering)) == 2


def test_a_key_may_be_in_a_variable_as_jobs_of_a_pipeline_are_given_it(type_in, here, answering, ann, monkeypatch):
    monkeypatch.setenv("SIGNING", ann.private().pem.decode())
    said = type_in("sign", "copy", "--key", "env:SIGNING")
    assert (said.status, "PRIVATE" in said.out + said.err) == (0, False)
    assert len(kept(here, answering)) == 2
    said = type_in("sign", "copy", "--key", "env:NOBODY")
    assert (said.status, "error[P344]" in said.err) == (2, True)


@pytest.mark.usefixtures("ann")
def test_a_certificate_travels_in_both(type_in, here, answering):
    said = type_in("sign", "copy", "--key", "ann.pem", "--certificate", "ann.crt", "--json")
    assert json.loads(said.out)["subject"] == "CN=ann,O=Example"
    assert [len(read_signed(one).chain) for one in kept(here, answering)] == [1, 1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("copy",), "P113"), (("copy", "--key", "gone.pem"), "P292"), (("gone", "--key", "ann.pem"), "P230"),
        (("copy", "--key", "ann.pem", "--chain", "ann.crt"), "P292"), (("copy", "--key", "ann.crt"), "P292"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("ann")
def test_what_is_wrong_is_exit_2_and_keeps_nothing(type_in, here, answering, words, code):
    said = type_in("sign", *words)
    assert (said.status, code in said.err) == (2, True)
    assert kept(here, answering) == ()
