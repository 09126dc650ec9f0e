"""Which kind of destination is carried by what, and what is said where a library or a secret is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.core.secrets import VaultError
from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools, open_carrier
from trimtab.journal.ship.destination import S3, AzureBlob, Kafka, LocalFolder

KAFKA = Kafka(("127.0.0.1:9",), "t", tls=False)


@pytest.fixture
def tools(tmp_path):
    return Tools(tmp_path / "spool", environ={"SECRET": "c4n4ry"})


@pytest.mark.parametrize(
    ("destination", "name"),
    [
        (LocalFolder(Path("/mnt")), "LocalCarrier"),
        (S3("bucket-1", key_id="env:SECRET", key="env:SECRET"), "ObjectCarrier"),
        (AzureBlob("container", "account", sas="env:SECRET"), "ObjectCarrier"),
        (KAFKA, "TopicCarrier"),
    ],
)
def test_each_kind_has_its_carrier_and_none_asks_anybody_before_it_is_told_to(destination, name, tools):
    carrier = open_carrier(destination, tools)
    assert type(carrier).__name__ == name
    carrier.close()
    assert not tools.spool.exists()


@pytest.mark.parametrize(
    ("destination", "package", "extra"),
    [
        (S3("bucket-1"), "obstore", "blob"),
        (AzureBlob("c", "a"), "obstore", "blob"),
        (KAFKA, "confluent_kafka", "events"),
    ],
)
def test_an_extra_that_is_missing_is_named(destination, package, extra, tools, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError) as caught:
        open_carrier(destination, tools)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("P965", f"`pip install 'trimtab[{extra}]'`")


@pytest.mark.parametrize(
    "destination",
    [
        S3("bucket-1", key_id="env:SECRET", key="env:NOT_SET"),
        AzureBlob("container", "account", key="env:NOT_SET"),
        AzureBlob("container", "account", sas="env:NOT_SET"),
        Kafka(("127.0.0.1:9",), "t", "me", "env:NOT_SET"),
    ],
)
def test_a_secret_that_is_not_there_is_named_by_its_reference(destination, tools):
    with pytest.raises(UserError) as caught:
        open_carrier(destination, tools)
    assert "`env:NOT_SET`" in str(caught.value)
    assert "P344" in str(caught.value)


def test_a_vault_may_have_the_secret(tmp_path):
    class Vault:
        def read(self, name):
            if name != "hub":
                raise VaultError("there is none")
            return "secret"

    tools = Tools(tmp_path, vaults={"safe": Vault()}, environ={})
    open_carrier(Kafka(("127.0.0.1:9",), "t", "me", "safe:hub"), tools).close()
    with pytest.raises(Exception, match="P345"):
        open_carrier(Kafka(("127.0.0.1:9",), "t", "me", "safe:other"), tools)


def test_authorities_that_cannot_be_read_are_said(tools):
    with pytest.raises(AwayError, match="file of authorities cannot be read"):
        open_carrier(S3("bucket-1", ca="/nowhere.pem"), tools)
    with pytest.raises(AwayError, match="brokers"):
        open_carrier(Kafka(("b:9",), "t", ca="/nowhere.pem"), tools)


def test_errors_say_where():
    assert str(AwayError("what", "s3://b", "hint")) == "error[P966]: what\n  at s3://b\n\nhint: hint"
    assert str(DamagedError("what", "truth/x")).startswith("error[P969]: what\n  at truth/x")


def test_a_parcel_alone_has_all_the_time(tmp_path):
    (tmp_path / "x").touch()
    with (tmp_path / "x").open("rb") as file:
        parcel = Parcel("x", file, 0)
        parcel.note(3)
        assert parcel.time_left() > 0
