"""A registry in memory, as the distribution specification wants it, that answers what is sent down a `Wire`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from trimtab.bundle.oci.remote.challenge import Origin
from trimtab.bundle.oci.remote.faults import Broken
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.session import Session
from trimtab.bundle.oci.remote.wire import Request

HOME = Origin("https", "registry.example", 443)


class Said:
    """An answer; `breaks` after so many bytes of its body."""

    def __init__(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"", breaks: int | None = None
    ) -> None:
        self.status, self.body, self.breaks = status, body, breaks
        self.headers = {"content-length": str(len(body)), **(headers or {})}
        self.closed = False

    def pieces(self) -> Iterator[bytes]:
        end = len(self.body) if self.breaks is None else self.breaks
        for at in range(0, end, 1000):
            yield self.body[at : min(at + 1000, end)]
        if self.breaks is not None:
            raise Broken("broke the connection")

    def close(self) -> None:
        self.closed = True


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class MemoryRegistry:
    """Strict: a chunk that does not follow the last one is refused, a manifest needs its blobs to be there.

    before: is asked about each request, and may answer it, spoil it by raising, or return None; `partly` of a chunk
    is kept when it raises. referrers: whether there is an API for them.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    elsewhere: dict[str, bytes] = field(default_factory=dict)  # of the repository `other`
    seen: list[Request] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)
    before: Callable[[Request], Said | None] = lambda _: None
    partly: int = 0
    referrers: bool = True
    least: int = 0
    pauses: list[float] = field(default_factory=list)

    def session(self, **patience: float) -> Session:
        machine = Machine(clock=lambda: 0.0, sleep=self.pauses.append, chance=lambda: 1.0)
        return Session(self, HOME, lambda: None, Patience(**patience), machine)  # type: ignore[arg-type]

    def send(self, request: Request) -> Said:
        self.seen.append(request)
        answer = self.before(request) or self._answer(request)
        self.answers.append(answer)
        return answer

    def asked(self, method: str) -> list[Request]:
        return [one for one in self.seen if one.method == method]

    def _answer(self, request: Request) -> Said:
        parts = urlsplit(request.url)
        assert request.url.startswith(HOME.base), request.url
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        rest = parts.path.removeprefix("/v2/team/m/")
        if rest.startswith("blobs/uploads/"):
            return self._upload(request, rest.removeprefix("blobs/uploads/"), query)
        if rest.startswith("blobs/"):
            return self._blob(request, rest.removeprefix("blobs/"))
        if rest.startswith("referrers/"):
            return self._referring(rest.removeprefix("referrers/")) if self.referrers else Said(404)
        return self._manifest(request, rest.removeprefix("manifests/"))

    def _blob(self, request: Request, digest: str) -> Said:
        if digest not in self.blobs:
            return Said(404)
        data = self.blobs[digest]
        if request.method == "HEAD":
            return Said(200, {"content-length": str(len(data))})
        if found := re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", "")):
            start = int(found[1])
            return Said(206, {"content-range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, data[start:])
        return Said(200, {}, data)

    def _upload(self, request: Request, name: str, query: dict[str, str]) -> Said:
        if request.method == "POST":
            if query.get("from") == "other" and query["mount"] in self.elsewhere:
                self.blobs[query["mount"]] = self.elsewhere[query["mount"]]
                return Said(201)
            name = f"u{len(self.uploads)}"
            self.uploads[name] = bytearray()
            least = {"oci-chunk-min-length": str(self.least)} if self.least else {}
            return Said(202, self._where(name) | least)
        if name not in self.uploads:
            return Said(404)
        held = self.uploads[name]
        if request.method == "GET":
            return Said(204, self._where(name))
        if request.method == "PATCH":
            start, end = map(int, request.headers["content-range"].split("-"))
            if start != len(held) or end - start + 1 != len(request.body):
                return Said(416, self._where(name))
            held += request.body
            return Said(202, self._where(name))
        data = bytes(held + request.body)
        if digest_of(data) != query["digest"]:
            return Said(400, {}, json.dumps({"errors": [{"code": "DIGEST_INVALID"}]}).encode())
        self.blobs[query["digest"]] = data
        del self.uploads[name]
        return Said(201)

    def _where(self, name: str) -> dict[str, str]:
        size = len(self.uploads[name])
        return {"location": f"/v2/team/m/blobs/uploads/{name}?state={size}", "range": f"0-{max(0, size - 1)}"}

    def _manifest(self, request: Request, reference: str) -> Said:
        if request.method == "GET":
            if reference not in self.manifests:
                return Said(404)
            kind, data = self.manifests[reference]
            return Said(200, {"content-type": kind}, data)
        digest = digest_of(request.body)
        said = json.loads(request.body)
        parts = [said["config"], *said["layers"]] if "layers" in said else []
        missing = [one for one in parts if one["digest"] not in self.blobs]
        if missing or (":" in reference and reference != digest):
            return Said(400)
        self.manifests[reference] = self.manifests[digest] = (request.headers["content-type"], request.body)
        subject = said.get("subject", {}).get("digest") if self.referrers else None
        return Said(201, {"docker-content-digest": digest} | ({"oci-subject": subject} if subject else {}))

    def _referring(self, subject: str) -> Said:
        found = {
            digest_of(data): {
                "mediaType": kind, "digest": digest_of(data), "size": len(data),
                "artifactType": json.loads(data).get("artifactType", ""),
            }
            for kind, data in self.manifests.values()
            if json.loads(data).get("subject", {}).get("digest") == subject
        }  # fmt: skip
        kind = "application/vnd.oci.image.index.v1+json"
        body = {"schemaVersion": 2, "mediaType": kind, "manifests": list(found.values())}
        return Said(200, {"content-type": kind}, json.dumps(body).encode())
