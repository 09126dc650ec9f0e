"""The text of a destination, as `[server.log] ship` has it, to its value; all faults of it at once.

file:///mnt/archive
s3://bucket/prefix?endpoint=https://minio.example&region=eu-west-1
az://container/prefix?account=name
kafka://one.example:9093,two.example:9093/topic
eventhubs://namespace/hub?connection=env:NAME
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.journal.ship.destination import (
    EVENT_HUBS_USER,
    S3,
    AzureBlob,
    Destination,
    Kafka,
    LocalFolder,
    name_of,
    shown,
)
from trimtab.journal.ship.settings import Settings, safe

__all__ = ["parse_destination", "parse_destinations"]

_FORMS: Final = {
    "file": "file:///mnt/archive",
    "s3": "s3://bucket/prefix",
    "az": "az://container/prefix?account=name",
    "kafka": "kafka://host:9093/topic",
    "eventhubs": "eventhubs://namespace/hub?connection=env:NAME",
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "file": (),
    "s3": ("endpoint", "region", "key_id", "key", "ca", "insecure", "timeout"),
    "az": ("account", "endpoint", "key", "sas", "ca", "insecure", "timeout"),
    "kafka": ("user", "password", "ca", "insecure", "largest", "timeout"),
    "eventhubs": ("connection", "ca", "largest", "timeout"),
}
_EVENT_HUBS: Final = "servicebus.windows.net"
_EVENT_HUBS_PORT: Final = 9093


def parse_destinations(texts: Iterable[str]) -> tuple[Destination, ...]:
    """All destinations of a list; UserError (P960-P964) with the faults of all, and for a place that is named twice."""
    found: dict[str, Destination] = {}
    problems: list[Problem] = []
    for text in texts:
        try:
            destination = parse_destination(text)
        except UserError as error:
            problems += error.problems
            continue
        if name_of(destination) in found:
            problems.append(Problem("P964", f"`{shown(destination)}` is named twice", "", "leave one of them out"))
        found[name_of(destination)] = destination
    if problems:
        raise UserError(*problems)
    return tuple(found.values())


def parse_destination(text: str) -> Destination:
    """The destination that a text names; UserError (P960-P963) with every fault, none of which shows a value."""
    try:
        url = urlsplit(text)
        _ = url.hostname  # a bracket that is not closed is seen here
    except ValueError:
        raise _no_place(safe(text), "this is no place that can be shipped to", "") from None
    if url.scheme not in _FORMS:
        what = f"`{url.scheme}` is no kind of destination" if url.scheme else "this is no place that can be shipped to"
        raise _no_place(safe(text), what, did_you_mean(url.scheme, _FORMS))
    settings = Settings(url, _KEYS[url.scheme], safe(text))
    destination = _MAKERS[url.scheme](url, settings)
    if settings.problems or destination is None:
        raise UserError(*settings.problems)
    return destination


def _no_place(where: str, what: str, hint: str) -> UserError:
    return UserError(Problem("P960", what, where, hint))


def _local(url: SplitResult, settings: Settings) -> Destination | None:
    path = url.path.rstrip("/") or url.path
    if url.netloc or not path.startswith("/") or path == "/":
        settings.fault("P960", "a folder is named by three slashes and a path from the root", _FORMS["file"])
        return None
    return LocalFolder(Path(path))


def _s3(url: SplitResult, settings: Settings) -> Destination | None:
    bucket = settings.place(url.netloc, "bucket", _FORMS["s3"])
    key_id, key = settings.reference("key_id"), settings.reference("key")
    if bool(key_id) != bool(key):
        settings.fault("P962", "`key_id` and `key` go together", "name both, or neither")
    return S3(
        bucket, settings.prefix(), settings.endpoint(), settings.text("region"), key_id, key, settings.text("ca"),
        settings.timeout_s(),
    )  # fmt: skip


def _azure(url: SplitResult, settings: Settings) -> Destination | None:
    container = settings.place(url.netloc, "container", _FORMS["az"])
    account = settings.needed("account", _FORMS["az"])
    key, sas = settings.reference("key"), settings.reference("sas")
    if key and sas:
        settings.fault("P962", "`key` and `sas` exclude each other", "name one of them")
    return AzureBlob(
        container, account, settings.prefix(), settings.endpoint(), key, sas, settings.text("ca"), settings.timeout_s()
    )


def _kafka(url: SplitResult, settings: Settings) -> Destination | None:
    topic = settings.place(url.path.strip("/"), "topic", _FORMS["kafka"])
    brokers = settings.brokers(_FORMS["kafka"])
    user, password = settings.text("user"), settings.reference("password")
    if bool(user) != bool(password):
        settings.fault("P962", "`user` and `password` go together", "name both, or neither")
    tls = settings.tls([broker.rpartition(":")[0] for broker in brokers])
    return Kafka(
        brokers, topic, user, password, tls, settings.text("ca"), settings.largest(), settings.timeout_s()
    )  # fmt: skip


def _event_hubs(url: SplitResult, settings: Settings) -> Destination | None:
    hub = settings.place(url.path.strip("/"), "event hub", _FORMS["eventhubs"])
    host = settings.place(url.netloc, "namespace", _FORMS["eventhubs"])
    password = settings.reference("connection", _FORMS["eventhubs"])
    if "." not in host and ":" not in host:
        host = f"{host}.{_EVENT_HUBS}"
    if ":" not in host:
        host = f"{host}:{_EVENT_HUBS_PORT}"
    return Kafka(
        (host,), hub, EVENT_HUBS_USER, password, tls=True, ca=settings.text("ca"), largest=settings.largest(),
        timeout_s=settings.timeout_s(),
    )  # fmt: skip


_MAKERS: Final[Mapping[str, Callable[[SplitResult, Settings], Destination | None]]] = {
    "file": _local,
    "s3": _s3,
    "az": _azure,
    "kafka": _kafka,
    "eventhubs": _event_hubs,
}
