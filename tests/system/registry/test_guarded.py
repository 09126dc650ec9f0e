"""A registry with TLS and a password: who may, who may not, and what is said to them."""

from __future__ import annotations

import json
import sys

import pytest
from tests.system.registry.conftest import PASSWORD, USER, login_file, make_bundle


@pytest.fixture
def push(guarded, trimtab, pem, tmp_path):
    """Pushes a bundle to the registry; the environment is added to one that trusts its certificate."""
    make_bundle(tmp_path / "made")

    def run(**env):
        return trimtab("push", "./made", f"{guarded.address}/m", env={"SSL_CERT_FILE": pem[0], **env})

    return run


def test_with_the_password_it_is_pushed_and_pulled(guarded, push, trimtab, pem, tmp_path):
    folder = login_file(tmp_path / "docker", guarded.address)
    pushed = push(DOCKER_CONFIG=str(folder))
    assert pushed.returncode == 0, pushed.stderr
    env = {"SSL_CERT_FILE": pem[0], "REGISTRY_AUTH_FILE": str(folder / "config.json")}
    pulled = trimtab("pull", f"{guarded.address}/m:{guarded.tags('m')[0]}", "--json", env=env)
    assert pulled.returncode == 0, pulled.stderr
    assert json.loads(pulled.stdout)["name"] == "m"


def test_without_credentials_it_is_refused_with_the_way_out(guarded, push):
    ran = push()
    assert ran.returncode == 2
    assert ran.stderr.startswith("error[P238]: the registry wants a user and a password")
    assert f"hint: `docker login {guarded.address}`" in ran.stderr
    assert guarded.blobs() == set()


def test_with_a_wrong_password_it_is_refused_and_no_secret_is_named(guarded, push, tmp_path):
    ran = push(DOCKER_CONFIG=str(login_file(tmp_path / "docker", guarded.address, USER, "wrong-one-9")))
    assert ran.returncode == 2
    assert ran.stderr.startswith("error[P238]: the registry does not allow this to the user that we are (status 401)")
    assert "wrong-one-9" not in ran.stderr + ran.stdout
    assert USER not in ran.stderr + ran.stdout
    assert guarded.blobs() == set()


def test_the_password_may_come_from_a_helper(guarded, push, tmp_path, monkeypatch):
    answer = json.dumps({"ServerURL": guarded.address, "Username": USER, "Secret": PASSWORD})
    script = tmp_path / "docker-credential-kept"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == ['get']\n"
        f"assert sys.stdin.read() == {guarded.address!r}\nprint({answer!r})\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {guarded.address: "kept"}}))
    ran = push(DOCKER_CONFIG=str(tmp_path))
    assert ran.returncode == 0, ran.stderr


def test_a_certificate_that_nobody_here_trusts_is_refused(push, tmp_path):
    (tmp_path / "none.pem").write_text("")
    ran = push(SSL_CERT_FILE=str(tmp_path / "none.pem"))
    assert ran.returncode == 3
    assert ran.stderr.startswith("error[P247]: the registry's certificate is not trusted here")
    assert "`SSL_CERT_FILE`" in ran.stderr


def test_plain_http_is_not_spoken_to_who_speaks_tls(guarded, trimtab, tmp_path):
    make_bundle(tmp_path / "made")
    ran = trimtab("push", "./made", f"{guarded.address}/m", "--plain-http")
    assert ran.returncode == 3
    assert ran.stderr.startswith("error[P247]: the registry answers with status 400")
