"""What a destination is called: by its place, not by the way in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from trimtab.journal.ship.destination import S3, STREAMS, AzureBlob, Kafka, LocalFolder, name_of, shown, streams_of

KAFKA = Kafka(("b:9093", "a:9093"), "t", "me", "env:P")
ALL = [
    LocalFolder(Path("/mnt/a")),
    LocalFolder(Path("/mnt/b")),
    S3("b"),
    S3("b", "p"),
    S3("b", endpoint="https://x.example"),
    AzureBlob("b", "one"),
    AzureBlob("b", "two"),
    AzureBlob("b", "one", endpoint="https://x.example"),
    KAFKA,
    replace(KAFKA, topic="u"),
    replace(KAFKA, brokers=("a:9093",)),
]


def test_each_place_has_a_name_of_its_own_that_can_be_a_file():
    names = [name_of(one) for one in ALL]
    assert len(set(names)) == len(ALL)
    assert all(re.fullmatch(r"(file|s3|az|kafka)-[0-9a-f]{16}", name) for name in names)
    assert len({shown(one) for one in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (S3("b"), S3("b", region="eu", key_id="env:A", key="env:B", ca="/c", timeout_s=1.0)),
        (AzureBlob("b", "a"), AzureBlob("b", "a", key="env:K")),
        (KAFKA, Kafka(("a:9093", "b:9093"), "t", tls=False, largest=1)),
    ],
)
def test_the_way_in_changes_nothing(one, other):
    assert name_of(one) == name_of(other)
    assert "env:" not in shown(one)


def test_names_stay_as_they_are():
    """A name that changes would ship everything once more."""
    assert name_of(S3("bucket", "p")) == "s3-8e87cf4a90f29206"
    assert shown(S3("bucket", "p", "https://x.example")) == "s3://bucket/p?endpoint=https://x.example"
    assert shown(AzureBlob("c", "acc", "p")) == "az://c/p?account=acc"
    assert shown(KAFKA) == "kafka://a:9093,b:9093/t"


def test_files_go_as_they_are_and_messages_have_an_id():
    assert streams_of(S3("b")) == STREAMS
    assert streams_of(KAFKA) == ("interactions", "truth", "feedback")
