"""A talk with one registry: with credentials where it asks for them, again where it fails, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from trimtab.bundle.oci.remote.challenge import Challenge, Origin, origin_of, parse_challenges, realm_fault
from trimtab.bundle.oci.remote.credentials import Login
from trimtab.bundle.oci.remote.faults import Broken, no_way_in, unusable
from trimtab.bundle.oci.remote.patience import Machine, Patience, asked_pause
from trimtab.bundle.oci.remote.refusal import reasons
from trimtab.bundle.oci.remote.tokens import bearer, token_request
from trimtab.bundle.oci.remote.tries import Tries
from trimtab.bundle.oci.remote.wire import Answer, Request, Wire
from trimtab.core.errors import TrimtabError

__all__ = ["Reply", "Session", "whole"]

_FOUND: Final = 200
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HOPS: Final = 5
_LARGEST_TOKEN: Final = 1 << 20  # bytes of the answer that it is in
_SMALL: Final = 1 << 16  # bytes of an answer that is read only for what it says


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Session:
    """Credentials go to the registry's own origin and to the realm that it names, and to no other."""

    def __init__(
        self, wire: Wire, origin: Origin, login: Callable[[], Login | None], patience: Patience, machine: Machine
    ) -> None:
        """Login is called once, and only when the registry asks who we are."""
        self.origin, self.patience, self.machine = origin, patience, machine
        self._wire, self._find_login = wire, login
        self._login: Login | None = None
        self._looked = False
        self._authorization = ""

    def tries(self, target: str) -> Tries:
        """For something that may be asked for several times."""
        return Tries(self.patience, self.machine, self._where(Request("", self.url(target), {})).strip())

    def url(self, target: str) -> str:
        """The address of a path of the registry, or of a `Location` that it gave; P247 for one of another origin."""
        url = urljoin(f"{self.origin.base}/", target)
        if origin_of(url) != self.origin:
            raise unusable("the registry sends us elsewhere with what is to be kept", self.origin.base)
        return url

    def ask(self, request: Request, ok: Collection[int], scope: str, limit: int = _SMALL) -> Reply:
        """The whole answer, asked for until it comes; an error for a status that is not ok."""
        tries = self.tries(request.url)
        while True:
            try:
                answer = self.once(request, ok, scope)
                return Reply(answer.status, answer.headers, whole(answer, limit))
            except Broken as fault:
                tries.failed(fault)

    def once(self, request: Request, ok: Collection[int], scope: str, *, follow: bool = False) -> Answer:
        """The answer, asked for once; raises Broken for what may pass. scope: for a token, where none is named.

        follow: whether the registry may send us elsewhere, as it does for content that lies in a bucket.
        """
        request = replace(request, url=self.url(request.url))
        answer = self._authorised(request, scope)
        hops = 0
        while follow and answer.status in _REDIRECTS:
            answer.close()
            hops += 1
            request = self._redirected(request, answer, hops)
            answer = self._send(request)
        if answer.status in ok:
            return answer
        raise self._refusal(request, answer)

    def _authorised(self, request: Request, scope: str) -> Answer:
        answer = self._send(request)
        if answer.status != _UNAUTHORISED:
            return answer
        answer.close()
        self._authorization = self._prove(answer.headers.get("www-authenticate", ""), scope)
        return self._send(request)

    def _send(self, request: Request) -> Answer:
        own = origin_of(request.url) == self.origin
        proof = {"authorization": self._authorization} if own and self._authorization else {}
        return self._wire.send(replace(request, headers={**request.headers, **proof}))

    def _prove(self, header: str, scope: str) -> str:
        """The value of `Authorization` that answers a challenge; UserError P238 where we cannot or will not."""
        where = self.origin.base
        try:
            ways = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
        except ValueError as error:
            raise no_way_in(f"the registry asks who we are with a header that {error}", where) from None
        if not self._looked:
            self._login, self._looked = self._find_login(), True
        if "bearer" in ways:
            return self._token(ways["bearer"], scope)
        if "basic" not in ways:
            raise no_way_in("the registry asks who we are in a way that is not known here", where)
        if self._login is None or self._login.identity:
            raise no_way_in("the registry wants a user and a password", where, f"`docker login {self._name}`")
        return self._login.basic

    def _token(self, challenge: Challenge, scope: str) -> str:
        realm = challenge.params.get("realm", "")
        if fault := realm_fault(realm, self.origin):
            what = f"the registry sends us to `{realm[:200]}` with our credentials, and {fault}"
            raise no_way_in(what, self.origin.base, "nothing was sent there")
        request = token_request(challenge, scope, self._login)
        status, data = self._brought(request)
        if status != _FOUND:
            who = "our credentials" if self._login else "us without credentials"
            what = f"the realm of the registry does not accept {who} (status {status})"
            raise no_way_in(what, self._where(request), f"`docker login {self._name}`")
        try:
            return bearer(data)
        except ValueError as error:
            raise unusable(f"what the realm of the registry says {error}", self._where(request)) from None

    def _brought(self, request: Request) -> tuple[int, bytes]:
        """The realm's answer, asked for until it comes. It is no part of the registry: nothing is followed."""
        tries = Tries(self.patience, self.machine, self._where(request))
        while True:
            try:
                answer = self._wire.send(request)
                data = whole(answer, _LARGEST_TOKEN)
                if answer.status not in _BUSY:
                    return answer.status, data
                tries.failed(Broken(f"gives no token (status {answer.status})", asked_pause(answer.headers)))
            except Broken as fault:
                tries.failed(fault)

    def _redirected(self, request: Request, answer: Answer, hops: int) -> Request:
        url = urljoin(request.url, answer.headers.get("location", ""))
        target = origin_of(url)
        where = self._where(request)
        if hops > _HOPS:
            raise unusable(f"the registry sends us on more than {_HOPS} times", where)
        if target is None or "location" not in answer.headers:
            raise unusable("the registry sends us on to what is no address", where)
        if request.url.startswith("https:") and target.scheme != "https":
            raise unusable("the registry sends us on to an address without TLS", where)
        return replace(request, url=url)

    def _refusal(self, request: Request, answer: Answer) -> Exception:
        """What the status says, as an error."""
        where = self._where(request)
        if answer.status in _BUSY:
            answer.close()
            return Broken(f"is busy (status {answer.status})", asked_pause(answer.headers))
        try:
            said = reasons(whole(answer, _SMALL), self._secrets())
        except (Broken, TrimtabError):
            said = ""
        if answer.status in (_UNAUTHORISED, _FORBIDDEN):
            who = "the user that we are" if self._login else "nobody in particular"
            what = f"the registry does not allow this to {who} (status {answer.status}){said}"
            return no_way_in(what, where, f"`docker login {self._name}`")
        return unusable(f"the registry answers with status {answer.status}{said}", where)

    def _secrets(self) -> tuple[str, ...]:
        login = self._login
        own = (login.password, login.identity, login.basic.partition(" ")[2]) if login else ()
        return tuple(secret for secret in (*own, self._authorization.partition(" ")[2]) if secret)

    @property
    def _name(self) -> str:
        return self.origin.base.partition("://")[2]

    @staticmethod
    def _where(request: Request) -> str:
        """The address without its query, which may hold what is nobody's business."""
        parts = urlsplit(request.url)
        return f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}"


def whole(answer: Answer, limit: int) -> bytes:
    """The body, and the connection let go; OutsideError P247 where it is longer than it may be."""
    body = bytearray()
    try:
        for piece in answer.pieces():
            body += piece
            if len(body) > limit:
                raise unusable(f"the registry's answer is longer than {limit} bytes", "")
    finally:
        answer.close()
    return bytes(body)
