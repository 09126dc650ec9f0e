"""Rows in a topic, read back by a client that others wrote: every one there, every one told apart."""

from __future__ import annotations

import ssl

import pyarrow as pa
import pytest
from tests.doubles.harbour import interactions, seal
from tests.doubles.kafka_front import front_of
from tests.system.shipping.conftest import sent

CONNECTION = "Endpoint=sb://team.example/;SharedAccessKeyName=send;SharedAccessKey=c4n4ry="


def test_every_row_is_a_message_under_its_key(journal, brokers, topic):
    broker = brokers(3)
    seal(journal, 0, interactions(0, 2500))
    seal(journal, 1, interactions(2500, 10, in_text=["x" * 2_000_000] * 10))
    said = pa.table({"id": ["a", "a"], "row": pa.array([0, 0], pa.int32()), "value": ["1", "2"]})
    seal(journal, 2, said, stream="truth")
    seal(journal, 3, stream="records")
    (outcome,) = sent(journal, f"kafka://{broker}/journal?largest=100kB")
    assert (outcome.problem, outcome.sent, outcome.standing.waiting) == (None, 3, 0)
    found = topic(broker)
    assert len(found) == 2512 == len({key for key, *_ in found})
    assert len({part for *_, part in found}) == 4
    rows = {value["id"]: value for _, value, headers, _ in found if headers["trimtab-stream"] == "interactions"}
    assert {value["in_tenure"] for value in rows.values()} == set(range(2510))
    assert [value["in_text"] for value in rows.values() if "in_text" in value] == [None] * 10
    headers = {key: headers for key, _, headers, _ in found}
    one = headers["aabbccddeeffmmmmmmmmmmmm-9c5/0"]
    assert (one["trimtab-revision"], one["trimtab-cut"]) == ("sha256:abc", '["in_text"]')
    assert sorted(value["value"] for key, value, _, _ in found if key.startswith("truth/a/0/")) == ["1", "2"]


def test_what_was_forgotten_is_taken_back(journal, brokers, topic):
    """A broker that compacts the topic keeps the last value of each key: the null for those that were removed."""
    broker = brokers()
    text = f"kafka://{broker}/journal"
    seal(journal, 0, interactions(0, 10))
    seal(journal, 1, interactions(10, 10))
    sent(journal, text)
    seal(journal, 0, interactions(0, 10).filter(pa.array([number not in (3, 4) for number in range(10)])))
    seal(journal, 1, interactions(10, 10).slice(0, 0))
    (outcome,) = sent(journal, text)
    assert outcome.sent == 2
    last = {key: value for key, value, _, _ in topic(broker)}  # in order, key by key
    assert len(last) == 20
    left = {value["in_tenure"] for value in last.values() if value is not None}
    assert left == {0, 1, 2, 5, 6, 7, 8, 9}
    seal(journal, 0, interactions(0, 1))
    sent(journal, text)
    last = {key: value for key, value, _, _ in topic(broker)}
    assert [value["in_tenure"] for value in last.values() if value] == [0]
    assert {path.name for path in journal.rglob("*.keys")} == {
        f"0123456789abcdef-{number}.parquet.keys" for number in (0, 1)
    }


@pytest.fixture
def context(pem):
    """A certificate of this machine's, for a front."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pem)
    return made


def test_event_hubs_are_kafka_over_tls_with_a_connection_string(journal, brokers, topic, context, pem, monkeypatch):
    broker = brokers()
    monkeypatch.setenv("HUB", CONNECTION)
    seal(journal, 0)
    with front_of(broker, context, {"$ConnectionString": CONNECTION}) as front:
        text = f"eventhubs://localhost:{front.port}/journal?connection=env:HUB&ca={pem[0]}"
        (outcome,) = sent(journal, text)
        assert (outcome.problem, outcome.sent) == (None, 1)
        assert front.tried
        assert set(front.tried) == {("$ConnectionString", CONNECTION)}
    assert len(topic(broker)) == 10


def test_a_password_that_is_wrong_is_said_and_not_shown(journal, brokers, context, pem, monkeypatch, capfd):
    monkeypatch.setenv("HUB", CONNECTION)
    seal(journal, 0)
    with front_of(brokers(), context, {"$ConnectionString": "another"}) as front:
        text = f"eventhubs://localhost:{front.port}/journal?connection=env:HUB&ca={pem[0]}"
        (outcome,) = sent(journal, text)
    assert (outcome.problem.code, outcome.problem.what) == ("P966", "the brokers do not know us")
    assert outcome.sent == 0
    shown = str(outcome) + str(capfd.readouterr())
    shown += "".join(path.read_text() for path in (journal / "spool").glob("*.log"))
    assert "c4n4ry" not in shown


def test_a_certificate_that_is_not_trusted_is_not_talked_to(journal, brokers, context, monkeypatch):
    monkeypatch.setenv("HUB", CONNECTION)
    seal(journal, 0)
    with front_of(brokers(), context, {"$ConnectionString": CONNECTION}) as front:
        (outcome,) = sent(journal, f"eventhubs://localhost:{front.port}/journal?connection=env:HUB")
        assert "certificate that is not trusted" in outcome.problem.what
        assert front.tried == []


def test_a_user_and_a_password_go_over_plain_sasl_on_this_machine(journal, brokers, topic, monkeypatch):
    broker = brokers()
    monkeypatch.setenv("PASSWORD", "secret")
    seal(journal, 0)
    with front_of(broker, None, {"me": "secret"}) as front:
        (outcome,) = sent(journal, f"kafka://{front.address}/journal?user=me&password=env:PASSWORD")
        assert (outcome.problem, set(front.tried)) == (None, {("me", "secret")})
    assert len(topic(broker)) == 10


def test_a_file_that_is_no_parquet_is_told_and_holds_up_no_other(journal, brokers, topic):
    broker = brokers()
    seal(journal, 0).write_bytes(b"PAR1 this is none PAR1")
    seal(journal, 1).write_bytes(b"")
    whole = seal(journal, 2)
    data = bytearray(whole.read_bytes())
    data[40] ^= 255
    seal(journal, 3).write_bytes(data)
    (outcome,) = sent(journal, f"kafka://{broker}/journal")
    assert outcome.problem is None
    assert {problem.code for problem in outcome.damaged} == {"P969"}
    assert outcome.standing.damaged == len(outcome.damaged) >= 2
    assert len({key for key, *_ in topic(broker)}) >= 10
