"""Whether what was deployed answers as the bundle did in training: its golden rows, asked where people ask."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from trimtab.bundle.compare import Difference, compare
from trimtab.bundle.golden import REQUEST, Golden, outputs_in
from trimtab.bundle.read import Bundle
from trimtab.core.deployment import Deployment
from trimtab.core.errors import UserError
from trimtab.release.promotion.values import Finding
from trimtab.targets.target import Status

__all__ = ["Entrance", "prove"]

_PATIENCE_S: Final = 30.0
_LARGEST: Final = 64 * 2**20  # bytes of an answer
_KEY_HINT: Final = "$TRIMTAB_API_KEY, $TRIMTAB_TOKEN or `--key-from`"
_CLOSED: Final = frozenset({http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Entrance:
    """How an endpoint is asked: a credential for where it wants one, and whom TLS trusts."""

    headers: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None


def prove(bundle: Bundle, status: Status, wanted: Deployment, entrance: Callable[[str], Entrance]) -> Finding:
    """PASS where every golden row is answered as in training; FAIL names the first that is not.

    UNKNOWN where nobody said how to get in, or the bundle has no golden rows. entrance: of an address.
    """
    golden = bundle.golden()
    if golden is None:
        return Finding("golden", "UNKNOWN", "the bundle has no golden rows to be asked")
    if not status.address:
        return Finding("golden", "UNKNOWN", "the target does not say where it is reached")
    try:
        code, data = _asked(bundle, status.address, wanted.name, entrance(status.address))
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Finding("golden", "FAIL", f"`{status.address}` does not answer: {said.lower()}")
    if code in _CLOSED:
        return Finding("golden", "UNKNOWN", f"`{status.address}` wants to know who asks ({code})", _KEY_HINT)
    if code == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        why = (
            f"`{status.address}` takes fewer rows in one request than the {golden.inputs.height} recorded ones ({code})"
        )
        return Finding("golden", "UNKNOWN", f"{why}; the server replayed them itself before it was ready")
    if code != http.HTTPStatus.OK:
        return Finding("golden", "FAIL", f"the golden rows are answered with status {code}: {data[:200]!r}")
    return _compared(bundle, golden, data)


def _asked(bundle: Bundle, address: str, name: str, entrance: Entrance) -> tuple[int, bytes]:
    parts = urlsplit(address)
    path = f"{parts.path.rstrip('/')}/v2/models/{quote(name, safe='')}/infer"
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=_PATIENCE_S, context=entrance.tls
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_S)
    try:
        body = (bundle.folder / REQUEST).read_bytes()
        connection.request("POST", path, body, {"content-type": "application/json"} | dict(entrance.headers))
        response = connection.getresponse()
        return response.status, response.read(_LARGEST)
    finally:
        connection.close()


def _compared(bundle: Bundle, golden: Golden, data: bytes) -> Finding:
    try:
        got = outputs_in(data, bundle.signature)
    except UserError as error:
        said = error.problems[0].what
        return Finding("golden", "FAIL", f"the golden rows are answered with something else: {said}")
    difference = compare(golden.outputs, got, golden.rtol, golden.atol)
    rows = golden.inputs.height
    if not difference.ok:
        return Finding("golden", "FAIL", f"golden rows are answered otherwise: {_where(difference)}")
    return Finding("golden", "PASS", f"{rows} rows asked, largest difference {difference.worst:g}")


def _where(difference: Difference) -> str:
    at = f"`{difference.column}`" + (f" of row {difference.row}" if difference.row >= 0 else "")
    return f"{at} is {difference.worst:g} off"
