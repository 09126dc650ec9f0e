"""Where sealed files are shipped to: a closed set of places, as values with references to secrets and no secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, assert_never

from trimtab.journal.seal.stock import STREAMS

__all__ = [
    "EVENT_HUBS_USER",
    "LARGEST",
    "S3",
    "TIMEOUT_S",
    "AzureBlob",
    "Destination",
    "Kafka",
    "LocalFolder",
    "name_of",
    "shown",
    "streams_of",
]

TIMEOUT_S: Final = 60.0
EVENT_HUBS_USER: Final = "$ConnectionString"
_WITH_IDS: Final = ("interactions", "truth", "feedback")
LARGEST: Final = 900_000  # bytes of a message: all brokers take a megabyte, unless they are told otherwise


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of this machine, or of another one that is mounted here; it is never made."""

    root: Path


@dataclass(frozen=True, slots=True)
class S3:
    """A bucket of an object store that speaks S3.

    endpoint: empty for Amazon's own. key_id, key: references to an access key; empty where the environment or the
    machine's role gives one. ca: a file of authorities to trust as well. timeout_s: of one request.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    key: str = ""
    ca: str = ""
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True, slots=True)
class AzureBlob:
    """A container of an Azure storage account.

    key, sas: references to an account key or a shared access signature; empty where the environment or the machine's
    identity tells who we are. The rest is as in `S3`.
    """

    container: str
    account: str
    prefix: str = ""
    endpoint: str = ""
    key: str = ""
    sas: str = ""
    ca: str = ""
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Kafka:
    """A topic. brokers: `host:port`. password: a reference. tls: else everything goes in the open.

    largest: bytes of one message. timeout_s: until a batch must have been acknowledged.
    """

    brokers: tuple[str, ...]
    topic: str
    user: str = ""
    password: str = ""
    tls: bool = True
    ca: str = ""
    largest: int = LARGEST
    timeout_s: float = TIMEOUT_S

    @property
    def event_hubs(self) -> bool:
        """Whether this is Azure Event Hubs, whose user has this name."""
        return self.user == EVENT_HUBS_USER


Destination: TypeAlias = LocalFolder | S3 | AzureBlob | Kafka


def shown(destination: Destination) -> str:
    """The place and nothing of how one gets in: what messages show, and what tells destinations apart."""
    match destination:
        case LocalFolder(root):
            return f"file://{root}"
        case S3(bucket, prefix, endpoint):
            return _joined(f"s3://{bucket}", prefix) + (f"?endpoint={endpoint}" if endpoint else "")
        case AzureBlob(container, account, prefix, endpoint):
            place = f"?account={account}" + (f"&endpoint={endpoint}" if endpoint else "")
            return _joined(f"az://{container}", prefix) + place
        case Kafka(brokers, topic):
            return f"kafka://{','.join(sorted(brokers))}/{topic}"
        case _:
            assert_never(destination)


def streams_of(destination: Destination) -> tuple[str, ...]:
    """Which of the journal's tables go there: all of them, as files; as messages those whose rows have an id."""
    return _WITH_IDS if isinstance(destination, Kafka) else STREAMS


def name_of(destination: Destination) -> str:
    """The name that its logbook has in the journal's folder: the same as long as the place is the same."""
    text = shown(destination)
    return f"{text.partition(':')[0]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _joined(start: str, prefix: str) -> str:
    return f"{start}/{prefix}" if prefix else start
