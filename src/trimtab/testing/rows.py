"""Golden rows as a target is asked them: bodies of the Open Inference Protocol, and whether an answer is the same."""

from __future__ import annotations

import http.client
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle

__all__ = ["Answered", "Ask", "Rows", "over_http", "rows_of"]

_WAIT_S = 30.0


class Answered(NamedTuple):
    """What came back for a request."""

    status: int
    body: bytes = b""


# address, path, body and headers; OSError where nothing answers
Ask: TypeAlias = Callable[[str, str, bytes, Mapping[str, str]], Answered]


@dataclass(frozen=True, slots=True)
class Rows:
    """What one bundle is asked and must answer, as JSON; |got - said| <= atol + rtol * |said|."""

    request: bytes
    response: bytes
    rtol: float = 1e-6
    atol: float = 1e-9
    _said: dict[str, list[Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The response is read once."""
        object.__setattr__(self, "_said", dict(_outputs(json.loads(self.response))))

    def fault(self, body: bytes) -> str:
        """How an answer differs from what is said; empty where it does not."""
        try:
            got = dict(_outputs(json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return f"no answer of the protocol: {error}"
        if got.keys() != self._said.keys():
            return f"the outputs are {sorted(got)}, not {sorted(self._said)}"
        for name, said in self._said.items():
            if len(got[name]) != len(said):
                return f"`{name}` has {len(got[name])} values, not {len(said)}"
            for at, (one, other) in enumerate(zip(got[name], said, strict=True)):
                if not self._near(one, other):
                    return f"`{name}[{at}]` is {one!r}, not {other!r}"
        return ""

    def _near(self, got: object, said: object) -> bool:
        if isinstance(got, bool) or isinstance(said, bool) or not isinstance(said, int | float):
            return got == said and isinstance(got, bool) == isinstance(said, bool)
        return isinstance(got, int | float) and math.isclose(
            got, said, rel_tol=0, abs_tol=self.atol + self.rtol * abs(said)
        )


def rows_of(bundle: Bundle) -> Rows:
    """Those of a verified bundle. ValueError for one that has none."""
    from trimtab.bundle.golden import REQUEST, RESPONSE

    spec = bundle.manifest.golden
    if spec is None:
        raise ValueError(f"the bundle {bundle.digest} has no golden rows")
    request, response = ((bundle.folder / name).read_bytes() for name in (REQUEST, RESPONSE))
    return Rows(request, response, spec.rtol, spec.atol)


def over_http(address: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answered:
    """A request to `http://...`, on a connection of its own; OSError where no answer comes."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_WAIT_S)
    try:
        connection.request("POST", parts.path + path, body, {"content-type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return Answered(response.status, response.read())
    except http.client.HTTPException as error:
        raise OSError(f"no answer: {error!r}") from error
    finally:
        connection.close()


def _outputs(body: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for tensor in body["outputs"]:
        yield tensor["name"], [*_flat(tensor["data"])]


def _flat(data: Any) -> Iterator[Any]:
    if isinstance(data, list):
        for one in data:
            yield from _flat(one)
    else:
        yield data
