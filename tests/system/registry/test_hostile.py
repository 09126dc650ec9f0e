"""Registries that lie: wrong content, endless answers, other hosts. Nothing is kept, and no secret goes astray."""

from __future__ import annotations

import tracemalloc

import pytest
from tests.doubles.meddling import lies, says
from tests.system.registry.conftest import PASSWORD, USER, login_file, make_bundle

from trimtab.bundle.oci.pulling import pull
from trimtab.bundle.oci.pushing import push
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.bundle.store import Store
from trimtab.core.errors import OutsideError, TrimtabError, UserError

SIZE = 3_000_000


@pytest.fixture
def pushed(registry, quick, tmp_path):
    """A bundle that lies in the registry."""
    bundle = make_bundle(tmp_path / "made", SIZE)
    push(quick.open(registry.address), bundle, ())
    return bundle


@pytest.fixture
def refused(meddler, quick, pushed, tmp_path):
    """Pulls through the proxy with a login at hand, which must fail and leave nothing; what it says."""
    folder = login_file(tmp_path / "docker", meddler.address)

    def run(kind, reference=""):
        remote = parse_remote(f"{meddler.address}/team/m{reference or f'@{pushed.digest}'}")
        store = Store(tmp_path / "store")
        registry = quick.open(meddler.address, environ={"DOCKER_CONFIG": str(folder)})
        with pytest.raises(kind) as caught:
            pull(registry, remote, store, lambda *_: None, print, 0.0)
        assert store.list() == ()
        assert not list((tmp_path / "store").glob("incoming/*"))
        assert PASSWORD not in str(caught.value)
        return str(caught.value)

    return run


def weights(pushed):
    return f"/blobs/sha256:{pushed.manifest.files['model/weights'].sha256}"


def longer(body):
    return body + b"x" * 10_000_000


def flipped(body):
    return body[:-1] + bytes([body[-1] ^ 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (flipped, "the content has the digest"),
        (longer, f"has more than the {SIZE} bytes"),
        (lambda body: body[:-5], f"has {SIZE - 5} bytes, should have {SIZE}"),
        (lambda _: b"", f"has 0 bytes, should have {SIZE}"),
    ],
    ids=["wrong bytes", "longer", "shorter", "empty"],
)
def test_a_blob_that_is_not_what_its_digest_says_is_refused(meddler, pushed, refused, change, words):
    meddler.spoil("GET", weights(pushed), lies(change), times=9)
    text = refused(UserError)
    assert "error[P212]" in text
    assert words in text
    assert "model/weights" in text


@pytest.mark.parametrize("change", [flipped, longer, lambda body: body[:-5]], ids=["wrong", "longer", "shorter"])
def test_a_manifest_that_is_not_what_its_digest_says_is_refused(meddler, quick, registry, pushed, refused, change):
    manifest = quick.open(registry.address).resolve(pushed.digest[7:19]).digest
    meddler.spoil("GET", "/manifests/", lies(change), times=9)
    assert refused(TrimtabError, f"@{manifest}")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "without a length"])
def test_a_huge_manifest_is_not_read(meddler, refused, announced):
    def act(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        handler.send_header("Content-Length" if announced else "Connection", "8000000000" if announced else "close")
        handler.end_headers()
        handler.close_connection = True
        for _ in range(20_000):
            handler.wfile.write(b" " * 1_000_000)

    meddler.spoil("GET", "/manifests/", act, times=9)
    tracemalloc.start()
    text = refused(TrimtabError)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "is longer than" in text
    assert peak < 30_000_000


def test_a_blob_behind_a_redirect_is_fetched_and_no_credentials_go_there(meddler, other_host, quick, pushed, tmp_path):
    content = (pushed.folder / "model/weights").read_bytes()
    other_host.spoil("GET", "^/bucket/weights", says(200, {}, content))
    meddler.spoil("GET", weights(pushed), says(307, {"Location": f"http://{other_host.address}/bucket/weights?key=1"}))
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": 'Basic realm="x"'}))
    folder = login_file(tmp_path / "docker", meddler.address)
    registry = quick.open(meddler.address, environ={"DOCKER_CONFIG": str(folder)})
    remote = parse_remote(f"{meddler.address}/team/m@{pushed.digest}")
    pulled = pull(registry, remote, Store(tmp_path / "store"), lambda *_: None, print, 0.0)
    assert (pulled.bundle.folder / "model/weights").read_bytes() == content
    assert meddler.asked("GET", weights(pushed))[0].headers["authorization"].startswith("Basic ")
    assert [one.headers.get("authorization") for one in other_host.seen] == [None]


def test_a_place_we_are_sent_to_learns_no_credentials_by_asking_for_them(meddler, other_host, pushed, refused):
    other_host.spoil("GET", "^/", says(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=9)
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": 'Basic realm="x"'}))
    meddler.spoil("GET", weights(pushed), says(307, {"Location": f"http://{other_host.address}/bucket"}), times=9)
    assert "P238" in refused(UserError)
    assert {one.headers.get("authorization") for one in other_host.seen} == {None}


def test_a_registry_that_sends_us_round_in_circles_is_left(meddler, pushed, refused):
    meddler.spoil("GET", weights(pushed), says(302, {"Location": weights(pushed)}), times=1)
    meddler.spoil("GET", "^/blobs/sha256", says(302, {"Location": weights(pushed)}), times=99)
    assert "more than 5 times" in refused(OutsideError)


@pytest.mark.parametrize("place", ["", "ftp://elsewhere/x", "http://user:pass@127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_to_what_is_no_address_is_not_followed(meddler, pushed, refused, place):
    meddler.spoil("GET", weights(pushed), says(307, {"Location": place} if place else {}), times=9)
    assert "sends us on to what is no address" in refused(OutsideError)


def test_a_redirected_document_is_not_followed(meddler, other_host, refused):
    meddler.spoil("GET", "/manifests/", says(307, {"Location": f"http://{other_host.address}/"}), times=9)
    assert "status 307" in refused(OutsideError)
    assert other_host.seen == []


def test_an_upload_is_not_taken_elsewhere(meddler, other_host, quick, tmp_path):
    elsewhere = {"Location": f"http://{other_host.address}/take"}
    meddler.spoil("POST", "/uploads/", says(202, elsewhere), times=9)
    with pytest.raises(OutsideError, match="sends us elsewhere"):
        push(quick.open(meddler.address), make_bundle(tmp_path / "made"), ())
    assert other_host.seen == []


@pytest.mark.parametrize(
    "header",
    [
        "",
        'Basic realm="x',
        'Bearer realm="http://elsewhere.example/token",service="x"',
        'Bearer realm="http://elsewhere.example@127.0.0.1/token"',
        'Bearer realm="http://127.0.0.1.elsewhere.example/token"',
        'Bearer realm="//elsewhere.example/token"',
        'Bearer realm="file:///etc/passwd"',
        'Bearer service="x"',
        'Bearer realm="https://a.example/",realm="https://b.example/"',
        'Bearer realm="https://a.example/' + "x" * 9000 + '"',
        "Negotiate",
        'Digest realm="x", nonce="y"',
        '"' * 4000,
    ],
)  # fmt: skip
def test_a_hostile_challenge_gets_no_credentials(meddler, refused, header):
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": header} if header else {}), times=9)
    assert "error[P238]" in refused(UserError)
    assert {one.headers.get("authorization") for one in meddler.seen} == {None}
    assert len(meddler.seen) == 1


def test_a_refusal_that_repeats_the_password_is_not_repeated(meddler, refused):
    body = b'{"errors": [{"code": "DENIED", "message": "%s may not use %s"}]}' % (USER.encode(), PASSWORD.encode())
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": 'Basic realm="x"'}))
    meddler.spoil("GET", "/manifests/", says(403, {}, body), times=9)
    assert "status 403" in refused(UserError)


def test_a_refusal_is_said_in_its_own_words_without_their_control_characters(meddler, refused):
    body = b'{"errors": [{"code": "DENIED", "message": "quota \\u001b[31mused up"}]}'
    meddler.spoil("GET", "/manifests/", says(403, {}, body), times=9)
    assert "DENIED: quota  [31mused up" in refused(UserError)


def test_a_token_is_fetched_where_the_registry_says_and_brought_back(meddler, other_host, quick, tmp_path):
    challenge = f'Bearer realm="http://{other_host.address}/token",service="kept"'
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": challenge}))
    other_host.spoil("GET", "^/token", says(200, {}, b'{"token": "abc", "expires_in": 60}'))
    folder = login_file(tmp_path / "docker", meddler.address)
    push(quick.open(meddler.address, environ={"DOCKER_CONFIG": str(folder)}), make_bundle(tmp_path / "made"), ())
    (asked,) = other_host.seen
    assert asked.path == "/token?service=kept&scope=repository%3Ateam%2Fm%3Apull"
    assert asked.headers["authorization"].startswith("Basic ")
    assert {one.headers.get("authorization") for one in meddler.seen[1:]} == {"Bearer abc"}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(401, b"", "P238"), (200, b'{"token": ""}', "P247"), (200, b"<html>", "P247"), (302, b"", "P238"),
     (200, b'{"token": "a\\r\\nx: y"}', "P247"), (503, b"", "P247")],
)  # fmt: skip
def test_a_realm_that_gives_no_token_is_said(meddler, other_host, refused, status, body, code):
    challenge = f'Bearer realm="http://{other_host.address}/token"'
    meddler.spoil("GET", "/manifests/", says(401, {"WWW-Authenticate": challenge}), times=9)
    other_host.spoil("GET", "^/token", says(status, {"Location": "http://127.0.0.1:9/"}, body), times=9)
    assert f"error[{code}]" in refused(TrimtabError)
