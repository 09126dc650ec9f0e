"""Destinations as a file has them: every fault at once, and no value of a secret in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.ship.destination import S3, AzureBlob, Kafka, LocalFolder
from trimtab.journal.ship.parse import parse_destination, parse_destinations

GIVEN = {
    "file:///mnt/archive": LocalFolder(Path("/mnt/archive")),
    "file:///mnt/archive/": LocalFolder(Path("/mnt/archive")),
    "s3://bucket": S3("bucket"),
    "s3://bucket/a/b/": S3("bucket", "a/b"),
    "s3://b.1/p?endpoint=https://minio.example:9000&region=eu-west-1": S3(
        "b.1", "p", "https://minio.example:9000", "eu-west-1"
    ),
    "s3://bucket?key_id=env:ID&key=file:/run/secrets/key&ca=/etc/ca.pem&timeout=5m": S3(
        "bucket", key_id="env:ID", key="file:/run/secrets/key", ca="/etc/ca.pem", timeout_s=300.0
    ),
    "s3://bucket?endpoint=http://127.0.0.1:9000/": S3("bucket", endpoint="http://127.0.0.1:9000"),
    "s3://bucket?endpoint=http://minio.local&insecure=true": S3("bucket", endpoint="http://minio.local"),
    "az://logs/edge?account=acc": AzureBlob("logs", "acc", "edge"),
    "az://logs?account=acc&key=azure-keyvault:https://v.example/k": AzureBlob(
        "logs", "acc", key="azure-keyvault:https://v.example/k"
    ),
    "az://logs?account=acc&sas=env:SAS&endpoint=http://localhost:10000/acc": AzureBlob(
        "logs", "acc", endpoint="http://localhost:10000/acc", sas="env:SAS"
    ),
    "kafka://one.example:9093,two.example:9094/topic": Kafka(("one.example:9093", "two.example:9094"), "topic"),
    "kafka://127.0.0.1:9092/t": Kafka(("127.0.0.1:9092",), "t", tls=False),
    "kafka://[::1]:9092/t": Kafka(("[::1]:9092",), "t", tls=False),
    "kafka://localhost:9093/t?ca=/ca.pem": Kafka(("localhost:9093",), "t", tls=True, ca="/ca.pem"),
    "kafka://broker:9092/t?insecure=true": Kafka(("broker:9092",), "t", tls=False),
    "kafka://broker:9092/t?insecure=false&largest=250kB": Kafka(("broker:9092",), "t", largest=250_000),
    "kafka://broker:9093/t?user=me&password=env:P&largest=1MiB&timeout=90s": Kafka(
        ("broker:9093",), "t", "me", "env:P", largest=1 << 20, timeout_s=90.0
    ),
    "eventhubs://team/hub?connection=env:HUB": Kafka(
        ("team.servicebus.windows.net:9093",), "hub", "$ConnectionString", "env:HUB"
    ),
    "eventhubs://team.servicebus.chinacloudapi.cn/hub?connection=env:HUB": Kafka(
        ("team.servicebus.chinacloudapi.cn:9093",), "hub", "$ConnectionString", "env:HUB"
    ),
    "eventhubs://localhost:5671/hub?connection=env:HUB&ca=/ca.pem": Kafka(
        ("localhost:5671",), "hub", "$ConnectionString", "env:HUB", ca="/ca.pem"
    ),
}


@pytest.mark.parametrize("text", GIVEN)
def test_a_destination_is_what_its_text_says(text):
    assert parse_destination(text) == GIVEN[text]


# the text: the codes of its faults, in order, and words that are in the message
REFUSED = {
    "": (["P960"], "no place"),
    "archive": (["P960"], "no place"),
    "s3": (["P960"], "no place"),
    "s4://bucket": (["P960"], "valid: `az`"),
    "kafak://h:1/t": (["P960"], "did you mean `kafka`?"),
    "http://[": (["P960"], "no place"),
    "file://mnt/archive": (["P960"], "three slashes"),
    "file:///": (["P960"], "three slashes"),
    "file:///a?x=1": (["P961"], "has no keys"),
    "s3:///prefix": (["P960"], "the bucket is missing"),
    "s3://bucket/a/../b": (["P960"], "`..`"),
    "s3://bucket/a//b": (["P960"], "an empty part"),
    "s3://bucket#x": (["P960"], "`#`"),
    "s3://bucket?regoin=x": (["P961"], "did you mean `region`?"),
    "s3://bucket?region=a&region=b": (["P962"], "given twice"),
    "s3://bucket?region=": (["P962"], "has no value"),
    "s3://bucket?endpoint=minio": (["P962"], "no address"),
    "s3://bucket?endpoint=https://[": (["P962"], "no address"),
    "s3://bucket?endpoint=http://minio.local": (["P962"], "in the open"),
    "s3://bucket?insecure=yes": (["P962"], "`true` or `false`"),
    "s3://bucket?key=env:K": (["P962"], "go together"),
    "s3://bucket?timeout=0s": (["P962"], "1s to 60m"),
    "s3://bucket?timeout=soon": (["P962"], "1s to 60m"),
    "az://logs": (["P962"], "`account` is missing"),
    "az://logs?account=a&key=env:K&sas=env:S": (["P962"], "exclude each other"),
    "kafka://broker/t": (["P960"], "a host and a port"),
    "kafka://broker:99999/t": (["P960"], "a host and a port"),
    "kafka://broker:9092": (["P960"], "the topic is missing"),
    "kafka://broker:9092/a/b": (["P960"], "no name"),
    "kafka://broker:9092/t?insecure=1": (["P962"], "`true` or `false`"),
    "kafka://127.0.0.1:9092/t?insecure=1": (["P962"], "`true` or `false`"),
    "kafka://broker:9092/t?user=me": (["P962"], "go together"),
    "kafka://broker:9092/t?largest=1GB": (["P962"], "1 kB to 100 MB"),
    "kafka://broker:9092/t?largest=huge": (["P962"], "1 kB to 100 MB"),
    "eventhubs://team/hub": (["P962"], "`connection` is missing"),
    "eventhubs://team?connection=env:HUB": (["P960"], "the event hub is missing"),
    "eventhubs://?connection=env:HUB&largest=x&nope=1": (["P961", "P960", "P960", "P962"], "the namespace is missing"),
    "kafka://broker/?user=me&largest=1&timeout=x&mistake=1": (
        ["P961", "P960", "P960", "P962", "P962", "P962"],
        "topic",
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_every_fault_is_named(text):
    codes, words = REFUSED[text]
    with pytest.raises(UserError) as caught:
        parse_destination(text)
    assert [problem.code for problem in caught.value.problems] == codes
    assert words in str(caught.value)


CANARY = "hunter2-of-this-test"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"kafka://me:{CANARY}@broker:9093/t", "P963"),
        (f"s3://id:{CANARY}@bucket/p", "P963"),
        (f"kafka://broker:9093/t?user=me&password={CANARY}", "P963"),
        (f"s3://bucket?key_id=env:ID&key={CANARY}", "P963"),
        (f"az://logs?account=a&sas={CANARY}", "P963"),
        (f"az://logs?account=a&sig={CANARY}", "P961"),
        (f"az://logs?account=a&{CANARY}=x", "P961"),
        (f"eventhubs://team/hub?connection=Endpoint={CANARY};SharedAccessKey=x", "P963"),
        (f"s3://bucket?endpoint=https://me:{CANARY}@minio.example", "P962"),
        (f"nope://me:{CANARY}@host/x?key={CANARY}#{CANARY}", "P960"),
        (f"http://[me:{CANARY}@host", "P960"),
    ],
)
def test_a_secret_in_the_text_is_refused_and_not_shown(text, code):
    with pytest.raises(UserError) as caught:
        parse_destination(text)
    assert code in [problem.code for problem in caught.value.problems]
    if not text.endswith("=x") or "=Endpoint" in text:  # there it stands as a key, which is shown to mend it
        assert CANARY not in str(caught.value)


def test_a_list_has_the_faults_of_all_and_no_place_twice():
    with pytest.raises(UserError) as caught:
        parse_destinations(["s3://b?x=1", "file:///a", "file:///a/", "az://c"])
    assert [problem.code for problem in caught.value.problems] == ["P961", "P964", "P962"]
    both = parse_destinations(["s3://b", "s3://b?endpoint=https://minio.example"])
    assert [type(one) for one in both] == [S3, S3]
    with pytest.raises(UserError, match="P964"):
        parse_destinations(["s3://b?key_id=env:A&key=env:B", "s3://b?region=eu-west-1"])
    assert parse_destinations([]) == ()
