"""`contract`: a real server of the bundle keeps to the Open Inference Protocol, right requests and wrong ones."""

from __future__ import annotations

import json
from typing import Final

from trimtab.bundle.golden import Golden
from trimtab.core.attestations import Measure
from trimtab.core.signature import Signature
from trimtab.ops.check.found import Found, held_to
from trimtab.ops.check.oip import BINARY, JSON, binary_request, fault_of, json_request
from trimtab.ops.check.subject import Bench, CannotError, Heard, Subject, Wire

__all__ = ["check", "keeps_to"]

_OK: Final = 200
_WRONG: Final = range(400, 500)
_PLAIN: Final = {"content-type": "application/json"}


def check(subject: Subject, bench: Bench) -> Found:
    """One measure a rule; the server listens on loopback."""
    golden = subject.bundle.golden()
    if golden is None or not golden.inputs.height:
        raise CannotError("the bundle has no golden rows", "name a sample (`golden`) and package the model again")
    wire = bench.wire(subject.bundle)
    return Found(tuple(keeps_to(wire, subject.bundle.name, subject.bundle.digest, subject.bundle.signature, golden)))


def keeps_to(wire: Wire, name: str, digest: str, signature: Signature, golden: Golden) -> list[Measure]:
    """Ready, metadata, golden rows in both forms, refusals of wrong requests, and ready after all of them."""
    at = f"/v2/models/{name}"
    right, binary = json_request(signature, golden), binary_request(signature, golden)
    rows = golden.inputs.height
    return [
        _said("ready", _ready(wire, at)),
        _said("metadata", _metadata(wire("GET", at), signature, digest)),
        _said(JSON, fault_of(signature, golden, wire("POST", f"{at}/infer", *right)), rows),
        _said(BINARY, fault_of(signature, golden, wire("POST", f"{at}/infer", *binary)), rows),
        _refusals(wire, at, right[0]),
        _said("ready after", _ready(wire, at)),
    ]


def _said(name: str, fault: str, count: int = 0) -> Measure:
    return Measure(name, None, "FAIL" if fault else "PASS", count=count, says=fault)


def _ready(wire: Wire, at: str) -> str:
    for path in ("/v2/health/live", "/v2/health/ready", f"{at}/ready"):
        heard = wire("GET", path)
        if heard.status != _OK:
            return f"`{path}` answers {heard.status}"
    return ""


def _metadata(heard: Heard, signature: Signature, digest: str) -> str:
    if heard.status != _OK:
        return f"status {heard.status}"
    try:
        said = json.loads(heard.body)
        for key, fields in (("inputs", signature.inputs), ("outputs", signature.outputs)):
            wanted = [(field.name, field.dtype, list(field.shape)) for field in fields]
            if [(one["name"], one["datatype"], one["shape"]) for one in said[key]] != wanted:
                return f"other `{key}` than the signature has"
        other = said["properties"]["digest"]
    except (ValueError, KeyError, TypeError) as error:
        return f"metadata that cannot be read: {error}"
    return "" if other == digest else f"another bundle answers: `{other}`"


def _refusals(wire: Wire, at: str, right: bytes) -> Measure:
    """Wrong requests, each of which must be answered by 4xx."""
    body = json.loads(right)
    first = body["inputs"][0]
    others = [*body["inputs"][1:]]
    wrong = {
        "no JSON": (f"{at}/infer", b"{"),
        "no inputs": (f"{at}/infer", b"{}"),
        "an input missing": (f"{at}/infer", _body(others)),
        "an unknown input": (f"{at}/infer", _body([*body["inputs"], {**first, "name": f"{first['name']}-unknown"}])),
        "a shape that does not fit": (f"{at}/infer", _body([{**first, "shape": [10**6]}, *others])),
        "another type": (f"{at}/infer", _body([_other(first), *others])),
        "an unknown model": (f"{at}-unknown/infer", right),
    }
    faults = []
    for what, (path, sent) in wrong.items():
        status = wire("POST", path, sent, _PLAIN).status
        if status not in _WRONG:
            faults.append(f"{what} is answered {status}")
    return held_to("refusals", float(len(faults)), 0.0, count=len(wrong), says="; ".join(faults))


def _body(tensors: list[object]) -> bytes:
    return json.dumps({"inputs": tensors}).encode()


def _other(tensor: dict[str, object]) -> dict[str, object]:
    """The tensor with values of a type that it cannot have: a table in place of each."""
    shape = tensor["shape"]
    rows = shape[0] if isinstance(shape, list) else 1
    return {**tensor, "shape": [rows], "data": [{"not": "a value"}] * int(rows)}
