"""What runs, as the engine and the router say it: from labels, states and routes back to a deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trimtab.core.deployment import Deployment
from trimtab.targets.container.seen import Seen, altered
from trimtab.targets.container.steering import Routed
from trimtab.targets.container.wants import Layout, address_of, control_of, revision_of, router_of
from trimtab.targets.target import Revision, State, Status

__all__ = ["status_of"]


def status_of(seen: Sequence[Seen], routed: Routed, layout: Layout) -> Status:
    """Pure. seen: the containers of one endpoint, its router among them, if there is one."""
    if not seen:
        return Status()
    revisions = [one for one in seen if one.role == "revision"]
    behind = {one.name: one for one in revisions if _url(one, layout) in routed.backends.values()}
    router = next((one for one in seen if one.role == "router"), None)
    champion = next((one for one in behind.values() if one.bundle == routed.champion), None)
    others = [one.bundle for one in behind.values() if one is not champion]
    live = _live(champion, router, others[0] if others else "")
    differs = [fault for one in seen for fault in _differs(one, layout)]
    differs += [f"`{one.name}` is left of an apply that was broken off" for one in revisions if one.name not in behind]
    if router is None:
        differs.append("there is no router")
    elif router.runs and not routed.answers:
        differs.append("the router does not answer")
    at = router.deployment if router is not None else None
    return Status(
        live,
        tuple(_revision(one, routed, answers=one is champion) for one in behind.values()),
        tuple(differs),
        "" if at is None else _address(at),
        "" if at is None else f"http://127.0.0.1:{control_of(at)}",
    )


def _address(at: Deployment) -> str:
    host = f"[{at.host}]" if ":" in at.host else at.host
    return f"{'https' if at.server.get('tls_cert') else 'http'}://{host}:{at.port}"


def _url(one: Seen, layout: Layout) -> str:
    own = one.deployment
    return address_of(revision_of(own, own.bundle, layout, one.known)) if own is not None else ""


def _live(champion: Seen | None, router: Seen | None, challenger: str) -> Deployment | None:
    own = champion.deployment if champion is not None else None
    at = router.deployment if router is not None else None
    if own is None:
        return None
    if at is not None:
        own = replace(own, host=at.host, port=at.port, public=at.public, server={**own.server, **at.server})
    return replace(own, challenger=challenger)


def _differs(one: Seen, layout: Layout) -> tuple[str, ...]:
    own = one.deployment
    if own is None:
        return (f"the labels of `{one.name}` cannot be read",)
    if one.role == "router":
        return altered(one, router_of(own, layout))
    return altered(one, revision_of(own, own.bundle, layout, one.known))


def _revision(one: Seen, routed: Routed, *, answers: bool) -> Revision:
    share = 0.0
    if routed.answers:
        share = 1.0 - routed.share if answers else routed.share * (one.bundle == routed.challenger)
    states: dict[str, State] = {"ready": "ready", "loading": "starting", "failed": "failed"}
    state: State = states.get(routed.states.get(one.bundle, ""), "starting") if one.runs else "stopped"
    why = one.why or routed.whys.get(one.bundle, "")
    return Revision(one.bundle, state, share, 1, why)
