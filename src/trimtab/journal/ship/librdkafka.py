"""How librdkafka is set for a destination, and what its errors mean for whoever reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from trimtab.journal.ship.destination import Kafka

__all__ = ["DECIDED", "REASONS", "VAGUE", "Reason", "settings_of"]

_CONNECT_S: Final = 10
_ABOVE: Final = 65_536  # bytes that a message may have beside its value
_QUEUE: Final = 65_536  # KiB that wait in memory
# Azure closes connections after four minutes without a word, so they are given up before
_IDLE_MS: Final = 180_000


@dataclass(frozen=True, slots=True)
class Reason:
    """What an error says, in plain words, and what helps."""

    what: str
    hint: str = ""


# what time does not mend, and what does not say much
DECIDED: Final = frozenset({"_AUTHENTICATION", "_SSL", "_RESOLVE"})
VAGUE: Final = frozenset({"_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_MSG_TIMED_OUT", "_TIMED_OUT_QUEUE"})
REASONS: Final = {
    "_TRANSPORT": Reason("no broker can be connected to"),
    "_ALL_BROKERS_DOWN": Reason("no broker can be connected to"),
    "_TIMED_OUT": Reason("no broker answers in time"),
    "_MSG_TIMED_OUT": Reason("messages were not acknowledged in time"),
    "_RESOLVE": Reason("a broker's name is not known", "is the name right, and does the network know it?"),
    "_SSL": Reason("the brokers do not speak TLS, or show a certificate that is not trusted", "`ca=FILE`"),
    "_AUTHENTICATION": Reason("the brokers do not know us", "mend the user, or what the reference names"),
    "SASL_AUTHENTICATION_FAILED": Reason("the brokers do not know us", "mend the user, or what the reference names"),
    "TOPIC_AUTHORIZATION_FAILED": Reason("we may not write to this topic", "it needs the right to write"),
    "UNKNOWN_TOPIC_OR_PART": Reason("there is no such topic", "make it; it is never made by shipping"),
    "_UNKNOWN_TOPIC": Reason("there is no such topic", "make it; it is never made by shipping"),
    "MSG_SIZE_TOO_LARGE": Reason("a message is larger than the brokers take", "name what they take: `largest=250kB`"),
}


def settings_of(destination: Kafka) -> dict[str, Any]:
    """All settings but the password.

    Acknowledged by all replicas, never twice by a retry of librdkafka's own, and given up in time. Compressed, but for
    Event Hubs, of which not every tier takes that. Keys go to the partitions that Java's clients would choose.
    """
    protocol = f"{'SASL_' if destination.user else ''}{'SSL' if destination.tls else 'PLAINTEXT'}"
    timeout_ms = int(destination.timeout_s * 1000)
    settings: dict[str, Any] = {
        "bootstrap.servers": ",".join(destination.brokers),
        "security.protocol": protocol,
        "client.id": "trimtab",
        "acks": "all",
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "compression.type": "none" if destination.event_hubs else "lz4",
        "linger.ms": 20,
        "message.timeout.ms": timeout_ms,
        "message.max.bytes": destination.largest + _ABOVE,
        "queue.buffering.max.kbytes": _QUEUE,
        "socket.connection.setup.timeout.ms": _CONNECT_S * 1000,
        "socket.keepalive.enable": True,
        "connections.max.idle.ms": _IDLE_MS,
        "metadata.max.age.ms": _IDLE_MS,
        "log_level": 0,
    }
    if destination.user:
        settings |= {"sasl.mechanism": "PLAIN", "sasl.username": destination.user}
    if destination.ca:
        settings["ssl.ca.location"] = destination.ca
    return settings
