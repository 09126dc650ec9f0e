"""`smoke`: what was deployed is what was meant, answers, lets in whom it should, and leads nowhere else."""

from __future__ import annotations

import json
from statistics import median
from typing import Final

from trimtab.bundle.golden import Golden
from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.apart import same_places
from trimtab.ops.check.found import Found
from trimtab.ops.check.oip import fault_of, json_request
from trimtab.ops.check.subject import Bench, CannotError, Deployed, Subject

__all__ = ["check"]

_OK: Final = 200
_REFUSED: Final = (401, 403)
_LATER: Final = 10  # answers after the first ones
_SHOWN: Final = 5


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """One measure a question; the settings are looked at without the endpoint too."""
    settings = _apart(subject)
    if subject.deployed is None:
        why = "no live endpoint is named: `--url URL`"
        return Found((Measure("endpoint", None, "UNKNOWN", says=why), settings), environment=subject.environment)
    golden = subject.bundle.golden()
    if golden is None or not golden.inputs.height:
        raise CannotError("the bundle has no golden rows", "name a sample (`golden`) and package the model again")
    measures = [*_endpoint(subject, subject.deployed, golden), settings]
    return Found(tuple(measures), {"url": subject.deployed.url}, environment=subject.environment)


def _endpoint(subject: Subject, deployed: Deployed, golden: Golden) -> list[Measure]:
    at = f"/v2/models/{subject.bundle.name}"
    # asked first, before anything has warmed it up
    body, headers = json_request(subject.bundle.signature, golden)
    heard = [deployed.wire("POST", f"{at}/infer", body, headers) for _ in range(1 + _LATER)]
    fault = next((said for one in heard if (said := fault_of(subject.bundle.signature, golden, one))), "")
    ready = deployed.wire("GET", f"{at}/ready")
    limit = subject.limit("p99").at_most
    return [
        _said("ready", "" if ready.status == _OK else f"status {ready.status}"),
        _said("digest", _digest(subject, deployed, at)),
        _said("golden", fault, golden.inputs.height),
        _authentication(deployed, f"{at}/infer", body, headers),
        *_warm([one.seconds for one in heard], limit),
    ]


def _said(name: str, fault: str, count: int = 0) -> Measure:
    return Measure(name, None, "FAIL" if fault else "PASS", count=count, says=fault)


def _digest(subject: Subject, deployed: Deployed, at: str) -> str:
    heard = deployed.wire("GET", at)
    try:
        digest = json.loads(heard.body)["properties"]["digest"]
    except (ValueError, KeyError, TypeError):
        return f"it does not say which bundle answers, status {heard.status}"
    return "" if digest == subject.bundle.digest else f"`{str(digest)[:80]}` answers, not `{subject.bundle.digest}`"


def _authentication(deployed: Deployed, path: str, body: bytes, headers: dict[str, str]) -> Measure:
    status = deployed.bare("POST", path, body, headers).status
    if deployed.guarded:
        return _said("auth", "" if status in _REFUSED else f"who shows nothing is answered {status}")
    says = "nobody is asked who they are: no `[server.auth]`, and no key was shown"
    return Measure("auth", None, "WARN" if status == _OK else "PASS", says=says if status == _OK else "")


def _warm(seconds: list[float], limit: float | None) -> list[Measure]:
    """The first answer, and the usual one later; a first one beyond the limit says that it was not warmed up."""
    first, later = seconds[0], median(seconds[1:])
    verdict: Verdict = "PASS" if limit is None or first <= limit else "WARN"
    says = f"{first / max(later, 1e-9):.1f} times as long as later ones"
    return [
        Measure("first answer", first, verdict, limit, "s", 1, says),
        Measure("later answers", later, "PASS", None, "s", len(seconds) - 1),
    ]


def _apart(subject: Subject) -> Measure:
    """Settings that lead to the same place as those of another environment."""
    name = subject.environment
    if name not in subject.environments:
        return Measure("settings", None, "UNKNOWN", 0.0, says="no environment is named: `--for ENV`")
    others = len(subject.environments) - 1
    found = same_places(name, subject.environments, subject.wanted.shared)
    says = "; ".join(map(str, found[:_SHOWN])) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    if found:
        says += "; `[check] shared` lists what may be"
    verdict: Verdict = "FAIL" if found else "PASS"
    return Measure("settings", float(len(found)), verdict, 0.0, count=others, says=says)
