"""A local OpenID Connect provider: a double of the real ones as far as whoever checks their tokens can see.

It serves discovery documents and key sets over TLS on the loopback address, signs tokens, rotates its keys and fails
when told to. It knows no users, no login and no client: who wants a token asks for one in Python. Signing is left to
`cryptography`, so that the library that checks is not checked against itself.

    with Provider(folder) as provider:
        token = provider.main.token(sub="ann")
"""

from __future__ import annotations

import json
import ssl
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from tests.doubles.authority import certificates

from trimtab.server.guard.principal import Grant
from trimtab.server.guard.settings import Issuer

AUDIENCE = "churn"
DISCOVERY = "/.well-known/openid-configuration"
Sign = Callable[[bytes], bytes]


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int, size: int = 0) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8))


def compact(header: object, claims: object, sign: Sign) -> str:
    """A token of whatever header and claims (JSON values, or bytes as they are to be), signed by whatever signs."""
    first, second = (one if isinstance(one, bytes) else json.dumps(one).encode() for one in (header, claims))
    signed = f"{b64(first)}.{b64(second)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


@dataclass
class SigningKey:
    """A private key of the algorithm RS256, ES256 or EdDSA, and the name that it is published by."""

    algorithm: str
    name: str
    private: Any = None

    def __post_init__(self) -> None:
        makers = {
            "RS256": lambda: rsa.generate_private_key(65537, 2048),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }
        self.private = self.private or makers[self.algorithm]()

    def sign(self, data: bytes) -> bytes:
        match self.algorithm:
            case "RS256":
                return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case "ES256":
                r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
                return r.to_bytes(32) + s.to_bytes(32)
            case _:
                return self.private.sign(data)

    def public(self, form: str = "PEM") -> bytes:
        """The public half as PEM or DER."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(getattr(serialization.Encoding, form), kind)

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as it is published."""
        public, about = self.private.public_key(), {"kid": self.name, "use": "sig", "alg": self.algorithm}
        match self.algorithm:
            case "RS256":
                n, e = public.public_numbers().n, public.public_numbers().e
                return {"kty": "RSA", **about, "n": number(n), "e": number(e)}
            case "ES256":
                point = public.public_numbers()
                return {"kty": "EC", **about, "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
            case _:
                return {"kty": "OKP", **about, "crv": "Ed25519", "x": b64(public.public_bytes_raw())}


class Realm:
    """One issuer: the newest key signs, and those before it are published until they are retired."""

    def __init__(self, issuer: str, algorithm: str, overlap: int = 1) -> None:
        """overlap: how many keys stay published beside the newest one when keys are rotated."""
        self.issuer, self.algorithm, self.overlap = issuer, algorithm, overlap
        self.count = 0
        self.keys: list[SigningKey] = []
        self.rotate()

    @property
    def key(self) -> SigningKey:
        return self.keys[0]

    def rotate(self) -> SigningKey:
        """A new key, published before it signs; the new one."""
        self.count += 1
        name = f"{self.algorithm}-{self.count}".lower()
        self.keys = [SigningKey(self.algorithm, name), *self.keys[: self.overlap]]
        return self.key

    def retire(self) -> None:
        """No key but the newest one is published any more."""
        self.keys = self.keys[:1]

    def claims(self, **changes: object) -> dict[str, object]:
        """What a good token claims, with changes; None leaves a claim out."""
        now = int(time.time())
        good = {"iss": self.issuer, "aud": AUDIENCE, "sub": "ann", "iat": now, "nbf": now, "exp": now + 600}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def header(self, **changes: object) -> dict[str, object]:
        """A good header, with changes; None leaves a member out."""
        good = {"alg": self.algorithm, "typ": "JWT", "kid": self.key.name}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, header: Mapping[str, object] | None = None, key: SigningKey | None = None, **claims: object) -> str:
        """A token with changes to its claims and its header, truly signed by the newest key or by that one."""
        key = key or self.key
        return compact(self.header(**{"kid": key.name, **(header or {})}), self.claims(**claims), key.sign)


class Provider:
    """The provider: realms `main` (RS256) and `edge` (ES256); authorities: the PEM file that its TLS stands below."""

    def __init__(self, folder: Path) -> None:
        self.authorities, chain = certificates(folder)
        self.requests: Counter[str] = Counter()
        self.max_age: int | None = 300
        self.outage = False
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}  # by path, in place of the right answer
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        # the handshake is left to the connection's own thread, so that nobody who connects holds up the others
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.main = Realm(f"{self.address}/main", "RS256")
        self.edge = Realm(f"{self.address}/edge", "ES256")
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="oidc", daemon=True)
        self._thread.start()

    def document(self, path: str) -> object:
        """The document at a path, or None."""
        for realm in (self.main, self.edge):
            place = realm.issuer.removeprefix(self.address)
            if path == place + DISCOVERY:
                return {"issuer": realm.issuer, "jwks_uri": f"{realm.issuer}/keys"}
            if path == place + "/keys":
                return {"keys": [key.jwk for key in realm.keys]}
        return None

    def settings(self, realm: Realm, **changes: Any) -> Issuer:
        """One of the realms as the server's settings name it, with changes."""
        usual = {"authorities": self.authorities, "grants": (Grant("infer"),), "algorithm": realm.algorithm}
        name = realm.issuer.rpartition("/")[2]
        return Issuer(**{"name": name, "issuer": realm.issuer, "audiences": (AUDIENCE,), **usual, **changes})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Nothing: a caller that does not trust us, or leaves, is part of the test."""


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            provider.requests[self.path] += 1
            if self.path in provider.answers:
                provider.answers[self.path](self)
                return
            found = None if provider.outage else provider.document(self.path)
            say(self, 503 if provider.outage else 200 if found else 404, json.dumps(found).encode(), provider.max_age)

        def log_message(self, *_: object) -> None:
            """Nothing: `requests` counts."""

    return Handler


def say(
    handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", max_age: int | None = None, **more: str
) -> None:
    """A whole answer; `_` in the name of a header stands for `-`."""
    handler.send_response(status)
    headers = {"content-type": "application/json", "content-length": str(len(body)), **more}
    if max_age is not None:
        headers["cache-control"] = f"public, max-age={max_age}, must-revalidate"
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
