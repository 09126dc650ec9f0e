"""A guard of what the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trimtab.core.hosts import is_loopback
from trimtab.server.guard.audit.audit import Audit, LogJournal
from trimtab.server.guard.backoff import Backoff
from trimtab.server.guard.clients import Clients
from trimtab.server.guard.guard import Guard, Means
from trimtab.server.guard.settings import GuardSettings, Share
from trimtab.server.logs import Log
from trimtab.server.settings import Settings

if TYPE_CHECKING:
    from trimtab.core.secrets import Secret
    from trimtab.server.guard.identity import Keys, Tokens
    from trimtab.server.guard.shares.shares import Shares
    from trimtab.server.guard.tokens.one import OneToken

__all__ = ["audit_of", "open_guard"]


def open_guard(settings: Settings, log: Log, *, shares: bool = True) -> Guard:
    """Before processes are forked that share it; raises UserError with every fault of what it reads.

    shares: whether callers have shares here.
    """
    said = settings.guard
    means = Means(
        keys=_keys(said, log),
        tokens=_tokens(said, log),
        shares=_shares(said, settings.processes, log) if shares else None,
        clients=Clients(said.proxies),
        backoff=Backoff(),
        audit=audit_of(said, log),
    )
    return Guard(said, means, local=is_loopback(settings.host) and not settings.insecure)


def audit_of(said: GuardSettings, log: Log) -> Audit:
    """Where refusals and changes are written down: a folder, or the server's log."""
    if said.audit is None:
        return Audit(LogJournal(log), log=log)
    from trimtab.server.guard.audit.filejournal import FileJournal

    return Audit(FileJournal(said.audit, log), log=log)


# what is not asked for is not imported: every serving process would keep it


def _keys(said: GuardSettings, log: Log) -> Keys | None:
    if said.owner is not None:
        return _owner(said.owner)
    if said.keys is None:
        return None
    from trimtab.server.guard.keys.ring import KeyRing

    return KeyRing(said.keys, log)


def _owner(secret: Secret) -> OneToken:
    from trimtab.server.guard.tokens.one import OneToken

    return OneToken(secret)


def _tokens(said: GuardSettings, log: Log) -> Tokens | None:
    if said.owner is not None:
        return _owner(said.owner)
    if not said.issuers:
        return None
    from trimtab.server.guard.tokens.tokens import Tokens

    return Tokens(said.issuers, log)


def _shares(said: GuardSettings, processes: int, log: Log) -> Shares | None:
    if said.share == Share() and not said.shares:
        return None
    from trimtab.server.guard.shares.shares import Shares

    return Shares(said, processes, log)
