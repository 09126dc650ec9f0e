"""One request to a registry and its answer, over urllib3; what fails and may pass is `Broken`, the rest an error."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from trimtab import __version__
from trimtab.bundle.oci.remote.faults import Broken, unusable
from trimtab.bundle.oci.remote.patience import Patience
from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback

__all__ = ["Answer", "Request", "Wire", "WireOfUrllib3", "speaks_tls"]

_PIECE: Final = 1 << 16
_COMMON: Final = {"user-agent": f"trimtab/{__version__}", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a method, an address, headers by lower-case names, and a body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(Protocol):
    """A status, headers by lower-case names, and a body that is read once, in pieces; it must be closed."""

    status: int
    headers: Mapping[str, str]

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives; raises Broken where it ends too early."""

    def close(self) -> None:
        """Let go of the connection; one whose body was not read to its end is not used again."""


class Wire(Protocol):
    """Sends a request, and follows nothing, tries nothing again and adds no credentials."""

    def send(self, request: Request) -> Answer:
        """The answer; Broken for a connection that fails, OutsideError P247 for a certificate that does not."""


class WireOfUrllib3:
    """The real one. TLS is checked against the system's certificates, or those of `$SSL_CERT_FILE`."""

    def __init__(self, patience: Patience, tls: ssl.SSLContext | None = None) -> None:
        """Nothing is connected yet; UserError P248 where urllib3 is missing."""
        self._urllib3 = _urllib3()
        self._tls = tls or ssl.create_default_context()
        self._timeout = self._urllib3.Timeout(connect=patience.connect_s, read=patience.silence_s)
        self._pools: dict[str, Any] = {}
        self._heard = False

    def send(self, request: Request) -> Answer:
        """As `Wire`."""
        with self._translated(request.url):
            answer = self._pool(request.url).request(
                request.method,
                request.url,
                headers={**_COMMON, **request.headers},
                body=request.body or None,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=self._timeout,
            )
        self._heard = True
        return _Answer(answer, self, request.url)

    def _pool(self, url: str) -> Any:
        """The connections for the address: through a proxy where the environment names one."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxy = "" if is_loopback(host) or proxy_bypass(host) else getproxies().get(parts.scheme, "")
        if proxy not in self._pools:
            shared = {"ssl_context": self._tls, "maxsize": 2}
            if proxy:
                address = proxy if "://" in proxy else f"http://{proxy}"
                user, password = (
                    unquote(word or "") for word in (urlsplit(address).username, urlsplit(address).password)
                )
                headers = self._urllib3.make_headers(proxy_basic_auth=f"{user}:{password}") if user else None
                self._pools[proxy] = self._urllib3.ProxyManager(address, proxy_headers=headers, **shared)
            else:
                self._pools[proxy] = self._urllib3.PoolManager(**shared)
        return self._pools[proxy]

    @contextmanager
    def _translated(self, url: str) -> Iterator[None]:
        """urllib3's errors as ours."""
        faults = self._urllib3.exceptions
        where = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        try:
            yield
        except faults.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise Broken("broke off the talk about TLS") from None
            hint = "name the file of the certificate that signed it in `SSL_CERT_FILE`"
            raise unusable("the registry's certificate is not trusted here", where, hint) from None
        except faults.NewConnectionError:
            # before the first answer this is a wrong address rather than a registry that starts again
            if not self._heard:
                raise unusable("nobody listens there", where, "is the address right, and the network up?") from None
            raise Broken("takes no connection") from None
        except faults.TimeoutError:
            raise Broken("is silent") from None
        except (faults.ProtocolError, faults.IncompleteRead, OSError):
            raise Broken("broke the connection") from None
        except faults.HTTPError as error:
            raise unusable(f"no talk is possible: {type(error).__name__}", where) from None


class _Answer:
    """urllib3's response."""

    def __init__(self, response: Any, wire: WireOfUrllib3, url: str) -> None:
        self.status = int(response.status)
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response, self._wire, self._url = response, wire, url

    def pieces(self) -> Iterator[bytes]:
        """As `Answer`."""
        while True:
            with self._wire._translated(self._url):  # noqa: SLF001  # its other half
                piece = (
                    self._response.read1(_PIECE) if hasattr(self._response, "read1") else self._response.read(_PIECE)
                )
            if not piece:
                return
            yield piece

    def close(self) -> None:
        """As `Answer`."""
        self._response.close()
        self._response.release_conn()


def speaks_tls(wire: Wire, base: str) -> bool:
    """Whether somebody answers in TLS there; what else goes wrong shows when it is asked in earnest."""
    try:
        wire.send(Request("GET", f"{base}/v2/", {})).close()
    except Broken:
        return False
    return True


def _urllib3() -> ModuleType:
    try:
        import urllib3
    except ImportError:
        what = "a registry is talked to through the library `urllib3`, which is not installed"
        raise UserError(Problem("P248", what, "", "`pip install 'trimtab[oci]'`")) from None
    return urllib3
