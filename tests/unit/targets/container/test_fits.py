"""What the target refuses by name, and the addresses that it wants a lock for."""

from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import UserError
from trimtab.targets.container.fits import must_fit

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused
WANTED = Deployment("churn", "prod", f"sha256:{'a' * 64}")
KEYS = {"auth": {"keys": "keys.json"}}
TLS = {"tls_cert": "cert.pem", "tls_key": "key.pem"}


@pytest.mark.parametrize(
    ("server", "named"),
    [
        ({"grpc": 9000}, "server.grpc"), ({"hosts": ["a"]}, "server.hosts"),
        ({"admin_host": "::"}, "server.admin_host"),
        ({"auth": {"certificates": {"authorities": ["ca.pem"]}}}, "server.auth.certificates"),
        ({"log": {"ship": ["s3://a/b", "file:there"]}}, "server.log.ship"),
        ({"tls_cert": "cert.pem"}, "server.tls_cert"),
    ],
)  # fmt: skip
def test_what_it_cannot_keep_to_is_refused_by_name(server, named):
    with pytest.raises(UserError) as refused:
        must_fit(replace(WANTED, server=server))
    assert [one.code for one in refused.value.problems] == ["P500"]
    assert f"`{named}`" in refused.value.problems[0].what


def test_all_that_is_wrong_is_named_at_once():
    server = {"auth": {"keys": "k", "certificates": {"authorities": ["c"]}}, "log": {"ship": ["file:x"]}}
    with pytest.raises(UserError) as refused:
        must_fit(replace(WANTED, host=EVERYWHERE, server=server))
    assert [one.code for one in refused.value.problems] == ["P500", "P500", "P527"]


@pytest.mark.parametrize("server", [KEYS, KEYS | {"log": {"ship": ["s3://a/b"]}}, TLS, KEYS | TLS, {"audit": "a"}])
def test_locks_journal_and_tls_are_kept_to(server):
    must_fit(replace(WANTED, server=server))


@pytest.mark.parametrize(
    ("server", "public", "fits"),
    [
        ({}, False, False), (TLS, False, False), (KEYS, False, False), (KEYS, True, False),
        ({}, True, True), (TLS, True, True), (KEYS | TLS, False, True), (KEYS | TLS, True, True),
    ],
)  # fmt: skip
def test_an_address_that_others_reach_is_locked_or_meant_and_no_key_travels_in_the_open(server, public, fits):
    wanted = replace(WANTED, host=EVERYWHERE, server=server, public=public)
    if fits:
        must_fit(wanted)
        return
    with pytest.raises(UserError, match="P527"):
        must_fit(wanted)
