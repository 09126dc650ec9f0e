"""Another client reads what we push, and we read what it pushes: skopeo, to an OCI layout and back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.system.registry.conftest import PASSWORD, USER, login_file, make_bundle


@pytest.fixture
def skopeo(program, tmp_path):
    """Runs skopeo; what it says."""
    found = program("skopeo")
    (tmp_path / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')

    def run(*arguments):
        command = [found, "--policy", "policy.json", "--tmpdir", str(tmp_path), *arguments]
        ran = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, timeout=60)
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout

    return run


def test_skopeo_sees_the_manifest_that_we_made_and_brings_it_back_the_same(registry, trimtab, skopeo, tmp_path):
    bundle = make_bundle(tmp_path / "made", 50_000)
    ran = trimtab("push", "./made", f"{registry.address}/one:v1", "--json")
    pushed = json.loads(ran.stdout)
    place = f"docker://{registry.address}/one:v1"
    raw = skopeo("inspect", "--raw", "--tls-verify=false", place)
    manifest = json.loads(raw)
    assert manifest["artifactType"] == "application/vnd.trimtab.bundle.v1"
    assert manifest["config"]["digest"] == bundle.digest
    (tmp_path / "raw").write_bytes(raw)
    assert skopeo("manifest-digest", "raw").decode().strip() == pushed["manifest"]
    skopeo("copy", "--src-tls-verify=false", place, "oci:layout:v1")
    (entry,) = json.loads((tmp_path / "layout/index.json").read_text())["manifests"]
    assert entry["digest"] == pushed["manifest"]
    skopeo("copy", "--dest-tls-verify=false", "oci:layout:v1", f"docker://{registry.address}/two:v1")
    ran = trimtab("pull", f"{registry.address}/two@{pushed['manifest']}", "--json")
    assert json.loads(ran.stdout)["digest"] == bundle.digest, ran.stderr


def test_skopeo_is_let_in_where_we_are(guarded, trimtab, skopeo, pem, tmp_path):
    make_bundle(tmp_path / "made")
    env = {"SSL_CERT_FILE": pem[0], "DOCKER_CONFIG": str(login_file(tmp_path / "docker", guarded.address))}
    ran = trimtab("push", "./made", f"{guarded.address}/m:v1", "--json", env=env)
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates/ca.crt").write_bytes(Path(pem[0]).read_bytes())
    raw = skopeo(
        "inspect", "--raw", "--cert-dir", "certificates", "--creds", f"{USER}:{PASSWORD}",
        f"docker://{guarded.address}/m:v1",
    )  # fmt: skip
    assert json.loads(raw)["config"]["digest"] == json.loads(ran.stdout)["digest"]
