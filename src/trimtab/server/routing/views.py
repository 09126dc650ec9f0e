"""What a router says of itself: whether it is alive and ready, which file is in force, and how its backends are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from trimtab.core.errors import Problem
from trimtab.server.faults import problem_answer
from trimtab.server.routing.router import Router
from trimtab.server.wire import Answer

__all__ = ["own_paths", "ready_answer", "status_of"]

_encode: Final = msgspec.json.Encoder().encode
_RETRY: Final = ((b"retry-after", b"1"),)
_LIVE: Final = Answer(200, _encode({"live": True}))


def ready_answer(router: Router) -> Answer:
    """200 where what answers is well and more is taken, else 503; why is for those who may read it."""
    if router.ready:
        return Answer(200, _encode({"ready": True}))
    body: dict[str, Any] = {"ready": False}
    if router.around.stopping:
        body["reason"] = "the router is stopping"
    return Answer(503, _encode(body), headers=_RETRY)


def own_paths(router: Router) -> Mapping[bytes, Callable[[], Answer]]:
    """Paths that callers ask the router itself, and no backend: each of them would speak for itself alone."""
    elsewhere = Problem("P385", "the metrics of a router are at its control plane", hint="each backend has its own")
    return {
        b"/livez": lambda: _LIVE,
        b"/readyz": lambda: ready_answer(router),
        b"/metrics": lambda: problem_answer((elsewhere,), status=404),
    }


def status_of(router: Router) -> dict[str, Any]:
    """For whoever writes the file: `version` is the one in force, `refused` why the file as it is now is not.

    seen: version of the file as it was looked at last, 0 where it has none; looks: how often it was looked at.
    draining: connections of backends that have gone from the file.
    """
    routes, aloft = router.routes, router.aloft
    backends = {}
    for name, one in router.fleet.backings.items():
        arm = "champion" if one is router.champion else ""
        if aloft is not None and one is aloft.challenger:
            arm = "challenger"
        backends[name] = {"url": str(one.backend), "state": one.state, "why": one.why, "arm": arm}
    return {
        "name": routes.name,
        "version": router.state.version,
        "champion": routes.champion,
        "promoted_by": router.state.flight,
        "refused": router.refused,
        "seen": router.seen,
        "looks": router.looks,
        "ready": router.ready,
        "flight": "" if aloft is None else aloft.id,
        "backends": backends,
        "draining": dict(router.fleet.leaving),
        "pid": os.getpid(),
    }
