"""How librdkafka is set: acknowledged, bounded, and in the open only where that was said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from confluent_kafka import KafkaError, Producer

from trimtab.journal.ship.destination import Kafka
from trimtab.journal.ship.librdkafka import DECIDED, REASONS, VAGUE, settings_of

KAFKA = Kafka(("a:9093", "b:9093"), "t", "me", "env:P", largest=250_000, timeout_s=5)


@pytest.mark.parametrize(
    ("destination", "protocol"),
    [
        (KAFKA, "SASL_SSL"),
        (replace(KAFKA, tls=False), "SASL_PLAINTEXT"),
        (replace(KAFKA, user="", password=""), "SSL"),
        (replace(KAFKA, user="", password="", tls=False), "PLAINTEXT"),
    ],
)
def test_what_is_spoken_to_brokers(destination, protocol):
    settings = settings_of(destination)
    assert settings["security.protocol"] == protocol
    assert ("sasl.username" in settings) is protocol.startswith("SASL")


def test_a_message_counts_when_all_replicas_have_it_and_is_given_up_in_time():
    settings = settings_of(KAFKA)
    assert (settings["acks"], settings["enable.idempotence"]) == ("all", True)
    assert settings["message.timeout.ms"] == 5000
    assert settings["message.max.bytes"] > 250_000
    assert settings["bootstrap.servers"] == "a:9093,b:9093"
    assert "sasl.password" not in settings


def test_what_is_sent_is_compressed_but_for_event_hubs_which_may_not_take_it():
    assert settings_of(KAFKA)["compression.type"] == "lz4"
    assert settings_of(replace(KAFKA, user="$ConnectionString"))["compression.type"] == "none"


def test_librdkafka_knows_all_of_it():
    Producer(settings_of(replace(KAFKA, tls=False)) | {"sasl.password": "x"}).flush(0)


def test_event_hubs_close_on_requests_of_more_than_a_mebibyte():
    assert settings_of(Kafka(("a:1",), "t"))["message.max.bytes"] < 1_046_528


@pytest.mark.parametrize("name", sorted(REASONS | dict.fromkeys(DECIDED | VAGUE)))
def test_every_error_that_is_explained_is_one_of_librdkafka(name):
    assert isinstance(getattr(KafkaError, name), int)
    assert KafkaError(getattr(KafkaError, name)).name() == name
