"""The context of a listener is what its files say: one protocol, no old version, callers below the authorities."""

import contextlib
import ssl
import subprocess
from pathlib import Path

import pytest
from tests.doubles.certificates import Authority, alone

from trimtab.core.errors import UserError
from trimtab.server.guard.settings import Certificates, GuardSettings
from trimtab.server.settings import Settings
from trimtab.server.tls import files_of, tls_of

OWN = Authority("own")
ROOT = Authority("root")
BETWEEN = Authority("between", ROOT)
SERVER = OWN.issues("here", "server")


@pytest.fixture
def settings_of(tmp_path):
    """Settings over files in a folder: settings_of(ROOT, required=True)."""

    def make(*authorities, **more):
        certificates = Certificates(tuple(one.write(tmp_path) for one in authorities), **more) if authorities else None
        tls = tuple(map(Path, SERVER.write(tmp_path, "server")))
        return Settings(tls=tls, guard=GuardSettings(certificates=certificates))

    return make


def caller_of(tmp_path, identity=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=OWN.crt.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    if identity is not None:
        context.load_cert_chain(*identity.write(tmp_path, "caller"))
    return context


def shaken(context, caller):
    """Both ends after a handshake; raises what the server says of it."""
    ends = [ssl.MemoryBIO() for _ in range(4)]
    here = context.wrap_bio(ends[0], ends[1], server_side=True)
    there = caller.wrap_bio(ends[2], ends[3], server_hostname="localhost")
    for _ in range(4):
        for side in (there, here):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            ends[0].write(ends[3].read())
            ends[2].write(ends[1].read())
    return here, there


def problems_of(settings):
    with pytest.raises(UserError) as caught:
        tls_of(settings, "h2")
    assert {problem.code for problem in caught.value.problems} == {"P306"}
    assert all(problem.hint for problem in caught.value.problems)
    return [(Path(problem.where).name, problem.what) for problem in caught.value.problems]


def test_without_files_there_is_none():
    assert (tls_of(Settings(), "h2"), files_of(Settings())) == (None, ())


def test_client_certificates_need_tls(tmp_path):
    guard = GuardSettings(certificates=Certificates((ROOT.write(tmp_path),)))
    ((where, what),) = problems_of(Settings(guard=guard))
    assert (where, "over TLS only" in what) == ("trimtab serve", True)


@pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
def test_both_sides_agree_on_the_protocol_and_on_nothing_that_is_old(settings_of, tmp_path, protocol):
    context = tls_of(settings_of(), protocol)
    here, there = shaken(context, caller_of(tmp_path))
    assert there.selected_alpn_protocol() == protocol
    assert (here.getpeercert(), context.verify_mode) == (None, ssl.CERT_NONE)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert context.options & ssl.OP_NO_COMPRESSION
    assert here.compression() is None


@pytest.mark.parametrize("authorities", [(ROOT,), (BETWEEN,), (OWN, ROOT)])
@pytest.mark.parametrize("issuer", [ROOT, BETWEEN])
def test_a_caller_below_an_authority_is_verified_and_no_other_is(settings_of, tmp_path, authorities, issuer):
    context = tls_of(settings_of(*authorities), "h2")
    identity = issuer.issues("ci", "client")
    if issuer is ROOT and authorities == (BETWEEN,):  # the one above is not trusted with the one below
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(context, caller_of(tmp_path, identity))
        return
    here, _ = shaken(context, caller_of(tmp_path, identity))
    assert here.getpeercert()["subject"] == ((("commonName", "ci"),),)


@pytest.mark.parametrize(
    "identity",
    [
        ROOT.issues("old", "client", days=(-2, -1)),
        ROOT.issues("early", "client", days=(1, 2)),
        ROOT.issues("server only", "server"),
        Authority("root").issues("of another of that name", "client"),
        alone("nobody's"),
        SERVER,
    ],
    ids=lambda identity: identity.certificate.subject.rfc4514_string(),
)
def test_a_certificate_that_does_not_hold_is_refused_also_where_none_is_required(settings_of, tmp_path, identity):
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls_of(settings_of(ROOT), "h2"), caller_of(tmp_path, identity))


def test_a_certificate_for_any_purpose_is_taken(settings_of, tmp_path):
    here, _ = shaken(tls_of(settings_of(ROOT), "h2"), caller_of(tmp_path, ROOT.issues("any")))
    assert here.getpeercert()["subject"] == ((("commonName", "any"),),)


def test_none_is_taken_unless_one_is_required(settings_of, tmp_path):
    here, _ = shaken(tls_of(settings_of(ROOT), "h2"), caller_of(tmp_path))
    assert here.getpeercert() is None
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        shaken(tls_of(settings_of(ROOT, required=True), "h2"), caller_of(tmp_path))


def test_an_authority_made_as_manuals_say_is_one(settings_of, tmp_path, program):
    def openssl(*words):
        subprocess.run([program("openssl"), *words], check=True, capture_output=True, cwd=tmp_path)

    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new, "-subj", "/CN=house", "-keyout", "house.key", "-out", "house.pem")
    openssl("req", *new, "-subj", "/CN=ci", "-keyout", "ci.key", "-out", "ci.csr")
    openssl("x509", "-req", "-in", "ci.csr", "-CA", "house.pem", "-CAkey", "house.key", "-CAcreateserial", "-out", "c")
    tls = settings_of().tls
    guard = GuardSettings(certificates=Certificates((tmp_path / "house.pem",)))
    caller = caller_of(tmp_path)
    caller.load_cert_chain(tmp_path / "c", tmp_path / "ci.key")
    here, _ = shaken(tls_of(Settings(tls=tls, guard=guard), "h2"), caller)
    assert here.getpeercert()["subject"] == ((("commonName", "ci"),),)


def test_all_files_at_fault_are_named_at_once(settings_of, tmp_path):
    settings = settings_of(ROOT, OWN)
    settings.tls[0].unlink()
    settings.tls[1].write_text("none")
    (tmp_path / "root.pem").write_bytes(SERVER.private())
    assert problems_of(settings) == [
        ("server.crt", "the file cannot be read: no such file or directory"),
        ("server.key", "no private key in this file"),
        ("root.pem", "no certificate in this file"),
    ]
    assert files_of(settings) == (*settings.tls, tmp_path / "root.pem", tmp_path / "own.pem")


def test_a_key_of_another_certificate_is_named(settings_of):
    settings = settings_of()
    settings.tls[1].write_bytes(OWN.issues("other", "server").private())
    assert problems_of(settings) == [("server.key", f"the private key is not that of `{settings.tls[0]}`")]


def test_nobody_is_asked_for_the_password_of_a_key(settings_of):
    settings = settings_of()
    settings.tls[1].write_bytes(SERVER.private(b"secret"))
    assert problems_of(settings) == [("server.key", "the private key is locked with a password")]


@pytest.mark.parametrize("at", ["server.crt", "server.key", "root.pem"])
def test_half_a_file_is_at_fault(settings_of, tmp_path, at):
    settings = settings_of(ROOT)
    path = tmp_path / at
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UserError) as caught:
        tls_of(settings, "h2")
    (problem,) = caught.value.problems
    assert (problem.code, str(path) in problem.where) == ("P306", True)
    assert problem.what.startswith(("no certificate and key: ", "no authority: "))


def test_a_file_that_may_not_be_read_is_said_so(settings_of, modes_count):  # noqa: ARG001 - modes count for root too
    settings = settings_of()
    settings.tls[1].chmod(0)
    assert problems_of(settings) == [("server.key", "the file cannot be read: permission denied")]
