"""Rows sent to a topic of Kafka, or of Azure Event Hubs, by librdkafka.

A batch counts as there when the brokers have acknowledged every message of it; then, and not before, the logbook says
how far a file is. Rows that were taken out of a file that was sent before are taken back: null values under their keys.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.core.secrets import read_secret
from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import Kafka, shown
from trimtab.journal.ship.keysent import keys_of, remember
from trimtab.journal.ship.librdkafka import DECIDED, REASONS, VAGUE, Reason, settings_of
from trimtab.journal.ship.messages import Message, messages, no_more
from trimtab.journal.ship.rows import batches, keys
from trimtab.journal.ship.sealed import stream_of

__all__ = ["TopicCarrier"]

_TURNS, _TURN_S = 4, 2.5  # how often, and for how long each time, brokers are asked whether they are there
_SILENT: Final = logging.Logger("trimtab.ship", logging.CRITICAL + 1)  # noqa: LOG001 - in no tree: nobody hears it


class TopicCarrier:
    """A `Carrier` to a topic."""

    def __init__(self, destination: Kafka, tools: Tools) -> None:
        """Reads the secret that is referred to; connections come with the first question."""
        self._place = shown(destination)
        self._to = destination
        self._keys = tools.spool
        try:
            import confluent_kafka
        except ImportError:
            what = "shipping to Kafka needs confluent-kafka, which is not installed"
            raise UserError(Problem("P965", what, self._place, "`pip install 'trimtab[events]'`")) from None
        self._kafka: Any = confluent_kafka
        password = destination.password
        secret = read_secret(password, tools.vaults, tools.environ).reveal() if password else ""
        self._said = ""
        try:
            self._producer: Any = confluent_kafka.Producer(
                {**settings_of(destination), **({"sasl.password": secret} if secret else {}), "error_cb": self._hear},
                logger=_SILENT,
            )
        except confluent_kafka.KafkaException as error:
            raise self._away(error.args[0]) from None

    def reach(self) -> None:
        """See `Carrier`. Asked in turns, as a password that is refused is heard of between them only."""
        for turn in range(_TURNS):
            try:
                found = self._producer.list_topics(self._to.topic, timeout=min(_TURN_S, self._to.timeout_s / _TURNS))
                break
            except self._kafka.KafkaException as error:
                self._producer.poll(0)
                if self._said in DECIDED or turn == _TURNS - 1:
                    raise self._away(error.args[0]) from None
        fault = found.topics[self._to.topic].error
        if fault is not None and fault.code() != self._kafka.KafkaError.LEADER_NOT_AVAILABLE:  # it is being made
            raise self._away(fault)

    def send(self, parcel: Parcel) -> bool:
        """See `Carrier`."""
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(parcel.file) as file:
                return self._send(parcel, file)
        except (pa.ArrowException, UnicodeDecodeError, KeyError) as error:
            what = str(error).partition("\n")[0][:200]
            raise DamagedError(f"it is no Parquet file that can be read: {what}", parcel.name) from None
        except OSError as error:
            raise DamagedError(f"it cannot be read: {(error.strerror or str(error)).lower()}", parcel.name) from None

    def close(self) -> None:
        """See `Carrier`."""
        self._producer.purge()
        self._producer.flush(1)

    def _send(self, parcel: Parcel, file: Any) -> bool:
        stream = stream_of(parcel.name)
        before, now = keys_of(self._keys, parcel.name), list(keys(file, stream))
        there = set(now)
        if not there.issubset(before):
            remember(self._keys, parcel.name, dict.fromkeys([*before, *now]))
        sent = parcel.rows_sent
        for batch in batches(file, parcel.rows_sent):
            if sent > parcel.rows_sent and parcel.time_left() <= 0:  # one at least: it took time to get here
                return False
            self._deliver(messages(batch, stream, self._to.largest))
            sent += batch.num_rows
            parcel.note(sent)
        gone = [key for key in before if key not in there]
        if gone:
            self._deliver(no_more(key, stream) for key in gone)
            remember(self._keys, parcel.name, now)
        return True

    def _deliver(self, parts: Iterable[Message]) -> None:
        """Returns when the brokers have all of them; AwayError otherwise."""
        faults: list[Any] = []

        def heard(fault: Any, _: Any) -> None:
            if fault is not None:
                faults.append(fault)

        for message in parts:
            self._produce(message, heard)
            if faults:
                break
        left = self._producer.flush(self._to.timeout_s + 1)
        if faults:
            raise self._away(faults[0])
        if left:
            raise AwayError(
                f"{left} messages were not acknowledged in time", self._place, "for a slow line: `timeout=5m`"
            )

    def _produce(self, message: Message, heard: Callable[[Any, Any], None]) -> None:
        """Hand one over. No time goes with it: a broker keeps messages by theirs, and these may be weeks late."""
        end = time.monotonic() + self._to.timeout_s
        while True:
            try:
                self._producer.produce(
                    self._to.topic, message.value, message.key, headers=message.headers, on_delivery=heard
                )
            except BufferError:  # what is before it has to leave first
                if time.monotonic() > end:
                    raise AwayError("the brokers do not take messages", self._place) from None
                self._producer.poll(0.2)
            except self._kafka.KafkaException as error:
                raise self._away(error.args[0]) from None
            else:
                self._producer.poll(0)
                return

    def _hear(self, fault: Any) -> None:
        """What librdkafka says while it tries again by itself; the reason that helps most is kept."""
        if fault.name() in REASONS and self._said not in DECIDED:
            self._said = fault.name()

    def _away(self, fault: Any) -> AwayError:
        name = self._said if fault.name() in VAGUE and self._said else fault.name()
        reason = REASONS.get(name) or Reason(f"the brokers refuse: {name.strip('_').replace('_', ' ').lower()}")
        return AwayError(reason.what, self._place, reason.hint)
