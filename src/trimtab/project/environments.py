"""Environments, as `[env.NAME]` says them: every fault with its line, or the values in the order of promotion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from trimtab.core.deployment import Autoscale, Resources, Secret
from trimtab.project.flight import plan_of
from trimtab.release.environments import Environment, Place
from trimtab.release.flight.plan import Plan

__all__ = ["before_of", "environments_in", "flight_in", "server_in"]

_SAME = (
    "after", "branch", "tag", "requires", "approvers", "four_eyes", "image", "replicas", "variables",
    "identity", "public", "telemetry",
)  # fmt: skip


def environments_in(plain: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Environment]:
    """All of a file without faults, each after the one that it follows, else as in the file. raw: as TOML has it."""
    tables = plain.get("env", {})
    ordered = sorted(tables, key=lambda name: len(before_of(name, tables)))
    return {name: _environment(name, tables[name], plain, server_in(raw, name)) for name in ordered}


def before_of(name: str, tables: Mapping[str, Any]) -> tuple[str, ...]:
    """The environments that come before one, nearest first; it is itself among them where they go in a circle."""
    found: list[str] = []
    while (name := tables.get(name, {}).get("after", "")) and name not in found:
        found.append(name)
    return tuple(found)


def server_in(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The keys of `[server]` that hold in an environment: its own over those of all; tables key by key."""
    own = tables.get("env", {}).get(name, {}).get("server", {})
    return _over(tables.get("server", {}), own)


def flight_in(plain: Mapping[str, Any], name: str) -> Plan | None:
    """How it is flown in; None: all at once. Of another kind than `[flight]`, its steps are its own."""
    own = plain["env"][name].get("flight")
    if own is None:
        return None
    base = dict(plain.get("flight", {}))
    if own.get("kind", base.get("kind", "canary")) != base.get("kind", "canary"):
        base.pop("steps", None)
    return plan_of({**plain, "flight": base | own})


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in own.items():
        inner = both.get(key)
        is_table = isinstance(value, Mapping) and isinstance(inner, Mapping)
        both[key] = _over(inner, value) if is_table else value  # type: ignore[arg-type]  # both are tables then
    return both


def _environment(name: str, said: Mapping[str, Any], plain: Mapping[str, Any], server: dict[str, Any]) -> Environment:
    target = said.get("target", Place())
    return Environment(
        name,
        **{key: said[key] for key in _SAME if key in said},
        approvals=said.get("approvals", len(said.get("approvers", ()))),
        approvals_s=said.get("approvals_within", inf),
        target=target,
        flight=flight_in(plain, name),
        server=server,
        host=said.get("host", target.options.get("host", "")),
        port=said.get("port", target.options.get("port", 0)),
        autoscale=Autoscale(**said["autoscale"]) if "autoscale" in said else None,
        resources=Resources(**said.get("resources", {})),
        secrets=tuple(_secrets(said.get("secrets", {}))),
    )


def _secrets(said: Mapping[str, str]) -> Iterator[Secret]:
    for name in sorted(said):
        yield Secret(name, said[name])
