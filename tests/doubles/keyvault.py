"""A local stand-in for the REST interface of Azure Key Vault's secrets, over TLS: it is not the service.

It is as strict as the interface is described: a challenge for whoever brings no token or another one, a known
`api-version`, JSON errors, nothing but `GET /secrets/NAME/VERSION`. Requests reach it under the vault's own host name
through a transport that connects to this machine instead; name and certificate are checked as ever.
"""

import json
import re
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.keyvault.secrets import SecretClient
from requests.adapters import HTTPAdapter

DOMAIN = "vault.example"
RESOURCE = f"https://{DOMAIN}"
TENANT = "https://login.example/11111111-2222-3333-4444-555555555555"
TOKEN, WEAK = "token-that-may-read", "token-that-may-not"
VERSIONS = re.compile(r"7\.[0-6]|202[5-9]-\d\d-\d\d")
FIRST, SECOND = "0" * 31 + "1", "0" * 31 + "2"


class Vault:
    """What is kept, by name and version, the newest last; and every request."""

    def __init__(self, host, resource=RESOURCE):
        self.host, self.resource, self.asked = host, resource, []
        self.secrets = {"churn-key": {FIRST: "old-value", SECOND: "new-value"}, "off": {FIRST: None}}

    def answer(self, path, headers):
        """Status, headers and JSON of the answer."""
        parts = urlsplit(path)
        self.asked.append((path, headers.get("Authorization")))
        if headers.get("Host") != self.host:
            return 400, {}, _error("BadParameter", "wrong host")
        if not VERSIONS.fullmatch(parse_qs(parts.query).get("api-version", [""])[0]):
            return 400, {}, _error("BadParameter", "The specified version is not recognized.")
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in (TOKEN, WEAK):
            challenge = f'Bearer authorization="{TENANT}", resource="{self.resource}"'
            return 401, {"WWW-Authenticate": challenge}, _error("Unauthorized", "AKV10000: Request is missing a token.")
        found = re.fullmatch(r"/secrets/([0-9A-Za-z-]+)/([0-9a-f]{32})?", parts.path)
        if found is None:
            return 404, {}, _error("NotFound", "no such resource")
        if token == WEAK:
            return (
                403,
                {},
                _error("Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac"),
            )
        versions = self.secrets.get(found[1], {})
        version = found[2] or next(reversed(versions), "")
        if version not in versions:
            return (
                404,
                {},
                _error("SecretNotFound", f"A secret with (name/id) {found[1]} was not found in this key vault."),
            )
        if versions[version] is None:
            return 403, {}, _error("Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
        times = {
            "enabled": True,
            "created": 1900000000,
            "updated": 1900000000,
            "recoveryLevel": "Recoverable+Purgeable",
        }
        id_ = f"https://{self.host}/secrets/{found[1]}/{version}"
        return 200, {}, {"value": versions[version], "id": id_, "attributes": times, "tags": {}}


def _error(code, message, inner=""):
    return {"error": {"code": code, "message": message} | ({"innererror": {"code": inner}} if inner else {})}


@contextmanager
def running(vault, certificate, key):
    """Its port, while it answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, headers, body = vault.answer(self.path, self.headers)
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Here(HTTPAdapter):
    """Connects to a port of this machine; the name that the certificate must have stays the vault's."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        where, how = super().build_connection_pool_key_attributes(request, verify, cert)
        name = where["host"]
        where.update(host="127.0.0.1", port=self.port)
        how.update(server_hostname=name, assert_hostname=name)
        request.headers["Host"] = name
        return where, how


def connect_to(port, ca, credential):
    """What `AzureKeyVault` connects with: the official client, its challenge check on, and that transport."""

    @contextmanager
    def connect(url):
        session = requests.Session()
        session.mount(f"{url}/", _Here(port))
        session.trust_env = False
        transport = RequestsTransport(session=session, session_owner=True, connection_verify=str(ca))
        with SecretClient(url, credential, transport=transport, retry_total=0) as client:
            yield client

    return connect
