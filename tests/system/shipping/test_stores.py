"""Files in object stores: as they are, whatever their names, and once more when something was forgotten of them."""

from __future__ import annotations

import json
import os
import time

import pyarrow as pa
import pytest
from tests.doubles.certificates import Authority
from tests.doubles.harbour import interactions, seal
from tests.system.shipping.conftest import AZURITE_KEY, digests, free, sent

from trimtab.journal.ship.lane import Machine
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping


@pytest.fixture(params=["bucket", "container"])
def store(request):
    """The text of a destination, and what is there."""
    return request.getfixturevalue(request.param)


def test_files_are_there_byte_for_byte_and_again_when_they_change(journal, store):
    text, content = store
    for number in range(3):
        seal(journal, number)
    seal(journal, 3, stream="truth")
    odd = journal / "interactions/endpoint=a%2Fb %C3%A4+/day=2026-11-01"
    odd.mkdir(parents=True)
    seal(journal, 4).rename(odd / "w-4-1.parquet")
    large = seal(journal, 5, interactions(0, 1, in_image=pa.array([os.urandom(12 << 20)])))  # three parts
    (outcome,) = sent(journal, text)
    assert (outcome.problem, outcome.sent) == (None, 6)
    before = content()
    assert before == {f"edge 7/{name}": digest for name, digest in digests(journal).items()}

    seal(journal, 1, interactions(0, 2))  # a subject was forgotten
    seal(journal, 2, interactions(0, 1).slice(0, 0))  # there was nobody else in it
    large.unlink()  # retention took it
    (outcome,) = sent(journal, text)
    assert outcome.sent == 2
    assert content() == before | {f"edge 7/{name}": digest for name, digest in digests(journal).items()}


def test_a_store_that_does_not_know_us_says_so_and_shows_nothing(journal, container, monkeypatch):
    text, _ = container
    monkeypatch.setenv("STORE_KEY", AZURITE_KEY.replace("Eby8", "Eby9"))
    seal(journal, 0)
    (outcome,) = sent(journal, text)
    assert (outcome.sent, outcome.problem.code) == (0, "P966")
    assert "403" in outcome.problem.what
    assert "Eby" not in str(outcome.problem)


def test_a_bucket_that_is_not_there_is_named_and_not_made(journal, store):
    text, _ = store
    seal(journal, 0)
    (outcome,) = sent(journal, text.replace("://journal", "://another"))
    assert "404" in outcome.problem.what
    assert "never made" in outcome.problem.hint
    assert outcome.standing.waiting == 1


@pytest.fixture
def own(clients, alive, tmp_path):
    """The address of a store whose certificate nobody trusts, and the file of the authority that issued it."""
    authority = Authority("stores")
    crt, key = authority.issues("store", "server").write(tmp_path, "store")
    port = free()
    alive(port, str(clients / "moto_server"), "-H", "127.0.0.1", "-p", str(port), "-s", "-c", crt, "-k", key)
    return f"https://localhost:{port}", str(authority.write(tmp_path))


@pytest.mark.usefixtures("aws")
def test_a_store_of_ones_own_is_trusted_by_its_authority(journal, own, tool, monkeypatch):
    address, ca = own
    seal(journal, 0)
    text = f"s3://journal-tls?endpoint={address}&region=us-east-1&timeout=5s"
    (outcome,) = sent(journal, text)
    assert (outcome.sent, outcome.problem.what) == (0, "the store cannot be connected to")
    monkeypatch.setenv("AWS_CA_BUNDLE", ca)  # for boto3 alone
    tool("bucket", address, "make", "journal-tls")
    later = Machine(lambda: time.time() + 1000)
    with open_shipping(journal, parse_destinations([f"{text}&ca={ca}"]), machine=later) as shipping:
        (outcome,) = shipping.run(30)
    assert (outcome.sent, outcome.problem) == (1, None)
    assert json.loads(tool("bucket", address, "read", "journal-tls")) == digests(journal)
