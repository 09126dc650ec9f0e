"""What is wrong with the environments of a project file, beyond single keys: all of it at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from trimtab.core.errors import did_you_mean
from trimtab.project.environments import before_of, flight_in, server_in
from trimtab.project.faults import Faults
from trimtab.project.guard import check_guard
from trimtab.project.lines import KeyPath
from trimtab.project.parse import NAME
from trimtab.project.wrong import Wrong
from trimtab.release.environments import Place
from trimtab.release.flight.check_plan import check_plan

__all__ = ["check_environments"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on
_HERE: Final = ("local", "container")  # kinds of target that listen on this machine
_PORT: Final = 8080  # where nothing is said
_PORTS: Final = range(1, 65536)


def check_environments(plain: Mapping[str, Any], faults: Faults) -> None:
    """P105 and P107 for what could never be released, would let anybody in, or means two things."""
    tables = plain.get("env", {})
    for name, said in tables.items():
        at = ("env", name)
        if not NAME.fullmatch(name):
            what = f"`{name}` is not a name: lower-case letters, digits, `-`, `_` and `.`, at most 63"
            faults.add(at, Wrong("P105", what, "rename it"))
        _check_order(name, tables, faults)
        if "branch" in said and "tag" in said:
            hint = "an environment follows branches, or tags: leave one of them out"
            faults.add((*at, "tag"), Wrong("P105", "`branch` and `tag` are both said", hint))
        _check_approvals(said, at, faults)
        _check_copies(said, at, faults)
        _check_variables(said, at, faults)
        _check_flight(name, plain, faults)
        if "server" in said and not faults.has_below(("server",)):
            check_guard(server_in(plain, name), faults, (*at, "server"))
    _check_places(tables, faults)


def _check_order(name: str, tables: Mapping[str, Any], faults: Faults) -> None:
    after = tables[name].get("after")
    if after is None:
        return
    at = ("env", name, "after")
    if after not in tables:
        hint = did_you_mean(after, tables) or f"`[env.{after}]` describes it"
        faults.add(at, Wrong("P105", f"there is no environment `{after}`", hint))
    elif name in (before := before_of(name, tables)):
        circle = " after ".join(f"`{one}`" for one in (name, *before[: before.index(name) + 1]))
        faults.add(at, Wrong("P105", f"{circle}: none of them could ever be first", "leave `after` out of the first"))


def _check_approvals(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    approvers, wanted = said.get("approvers", ()), said.get("approvals")
    if twice := sorted({one for one in approvers if approvers.count(one) > 1}):
        faults.add((*at, "approvers"), Wrong("P105", f"`{twice[0]}` is named twice", "name each once"))
    elif wanted is not None and approvers and wanted > len(approvers):
        what = f"{wanted} approvals are wanted, and {len(approvers)} could say yes"
        faults.add((*at, "approvals"), Wrong("P105", what, f"at most {len(approvers)}, or name more `approvers`"))
    if approvers or faults.has((*at, "approvers")):
        return
    for key in ("approvals", "approvals_within"):
        if key in said:
            what = f"`{key}` without `approvers`: nobody could say yes"
            faults.add((*at, key), Wrong("P107", what, '`approvers = ["ann"]`, whose key is `keys/ann.pub`'))


def _check_copies(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    scale = said.get("autoscale")
    if scale is None:
        return
    if "replicas" in said:
        what = "`replicas` and `autoscale` both say how many copies run"
        faults.add((*at, "replicas"), Wrong("P105", what, "leave one of them out"))
    for key in ("least", "most"):
        if key not in scale and not faults.has((*at, "autoscale", key)):
            what = f"`{key}` is missing in `autoscale`"
            faults.add((*at, "autoscale"), Wrong("P107", what, "for example `autoscale = { least = 2, most = 8 }`"))
    if scale.get("least", 0) > scale.get("most", scale.get("least", 0)):
        what = f"`least` {scale['least']} is above `most` {scale['most']}"
        faults.add((*at, "autoscale", "least"), Wrong("P105", what))


def _check_variables(said: Mapping[str, Any], at: KeyPath, faults: Faults) -> None:
    variables, secrets = said.get("variables", {}), said.get("secrets", {})
    for table, names in (("variables", variables), ("secrets", secrets)):
        for name in names:
            if not _VARIABLE.fullmatch(name):
                wrong = Wrong("P105", f"`{name}` is no name of a variable", "letters, digits and `_`")
                faults.add((*at, table, name), wrong)
    for name in variables.keys() & secrets.keys():
        what = f"`{name}` is in `variables` too"
        faults.add((*at, "secrets", name), Wrong("P105", what, "leave one of them out"))


def _check_flight(name: str, plain: Mapping[str, Any], faults: Faults) -> None:
    at = ("env", name, "flight")
    if faults.has_below(("flight",), ("limits",), at):
        return
    plan = flight_in(plain, name)
    for problem in check_plan(plan) if plan is not None else ():
        where = f"`{problem.where}`: " if problem.where.startswith("limits.") else ""
        faults.add(at, Wrong("P105", f"{where}{problem.what}", problem.hint))


def _check_places(tables: Mapping[str, Any], faults: Faults) -> None:
    """P105 where two environments of this machine would listen on the same port."""
    taken: list[tuple[str, str, int]] = []
    for name, said in tables.items():
        place = said.get("target", Place())
        inner, own = place.options.get("port"), said.get("port")
        at = ("env", name, "target")
        if inner is not None and (type(inner) is not int or inner not in _PORTS):
            faults.add(at, Wrong("P105", f"`port` is no port: `{inner}`", "for example `port = 8081`"))
        elif inner is not None and own is not None and inner != own:
            faults.add(at, Wrong("P105", f"`port` is {inner} here and {own} outside of `target`", "say it once"))
        elif place.kind in _HERE and ("target" in said or own is not None):
            host = said.get("host", place.options.get("host", "127.0.0.1"))
            port = own or inner or _PORT
            if other := _clash(host, port, taken):
                what = f"port {port} is that of `{other}` too, on this machine"
                faults.add(at, Wrong("P105", what, "give each a port: `port = 8081`"))
            taken.append((name, host, port))


def _clash(host: str, port: int, taken: Iterable[tuple[str, str, int]]) -> str:
    for name, other, same in taken:
        if port == same and (host == other or host in _EVERYWHERE or other in _EVERYWHERE):
            return name
    return ""
