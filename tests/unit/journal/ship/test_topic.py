"""A topic that nobody serves: it is said in time, and what was to be sent is remembered before it is."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
from confluent_kafka import KafkaError
from tests.doubles.harbour import interactions, seal

from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import Kafka
from trimtab.journal.ship.keysent import keys_of
from trimtab.journal.ship.topic import TopicCarrier


@pytest.fixture
def carrier(free_port, journal):
    made = TopicCarrier(
        Kafka((f"127.0.0.1:{free_port}",), "t", tls=False, timeout_s=1.0), Tools(journal / "spool/kafka-00")
    )
    with closing(made):
        yield made


def parcel(journal, table=None):
    path = seal(journal, 0, table)
    return Parcel(path.relative_to(journal).as_posix(), path.open("rb"), path.stat().st_size)


def test_brokers_that_are_not_there_are_said_in_time(carrier):
    with pytest.raises(AwayError, match="no broker can be connected to"):
        carrier.reach()


def test_keys_are_remembered_before_anything_is_sent(carrier, journal):
    one = parcel(journal, interactions(0, 3))
    with one.file, pytest.raises(AwayError, match=r"connected to|in time"):
        carrier.send(one)
    assert keys_of(journal / "spool/kafka-00", one.name) == [f"aabbccddeeffmmmmmmmmmmmm-{n}/0" for n in range(3)]


def test_keys_that_were_sent_are_not_forgotten_by_a_send_that_fails(carrier, journal):
    for rows in (3, 1):
        one = parcel(journal, interactions(0, rows))
        with one.file, pytest.raises(AwayError):
            carrier.send(one)
    assert len(keys_of(journal / "spool/kafka-00", one.name)) == 3


def test_what_is_no_parquet_is_damaged(carrier, journal):
    one = parcel(journal)
    (journal / one.name).write_bytes(b"none")
    with (journal / one.name).open("rb") as file, pytest.raises(DamagedError, match="no Parquet file"):
        carrier.send(Parcel(one.name, file, 4))
    one.file.close()


def test_of_what_is_heard_the_reason_that_helps_most_is_told(carrier):
    for code in (KafkaError._TRANSPORT, KafkaError._AUTHENTICATION, KafkaError._ALL_BROKERS_DOWN):
        carrier._hear(KafkaError(code))
    assert "do not know us" in str(carrier._away(KafkaError(KafkaError._TIMED_OUT)))
    assert "there is no such topic" in str(carrier._away(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)))
    assert "the brokers refuse: out of order" in str(carrier._away(KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)))


def test_a_black_hole_is_left_in_time(journal):
    with closing(socket.create_server(("127.0.0.1", 0))) as hole:
        to = Kafka((f"127.0.0.1:{hole.getsockname()[1]}",), "t", tls=False, timeout_s=1.0)
        with (
            closing(TopicCarrier(to, Tools(journal / "spool/x"))) as made,
            pytest.raises(AwayError, match=r"in time|connected"),
        ):
            made.reach()
