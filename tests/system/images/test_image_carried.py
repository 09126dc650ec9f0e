"""Images in registries and in one file: what is there does not travel, and what arrives is what was sent."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def registry(run_registry) -> str:
    """A registry of this test's own."""
    return run_registry().address


def blobs(layout: Path) -> set[str]:
    return {path.name for path in (layout / "blobs/sha256").iterdir()}


def test_only_the_layer_of_a_new_model_travels_and_the_registry_has_what_was_built(
    shop, base, registry, remodelled, program, tmp_path
):
    skopeo, repository = program("skopeo"), f"{registry}/team/small"
    source, target = f"oci:{base('amd64')}:latest", f"docker://{registry}/team/debian:1"
    subprocess.run([skopeo, "copy", "--quiet", "--dest-tls-verify=false", source, target], check=True)
    of_registry = f"{registry}/team/debian:1"
    first = shop.image(of_registry, "--push", f"{repository}:1")
    assert first["sent"] > first["size"]  # layers and config
    again = shop.image(of_registry, "--push", f"{repository}:1")
    assert (again["digest"], again["sent"]) == (first["digest"], 0)
    new = remodelled.image(of_registry, "--push", f"{repository}:2")
    (model,) = (one for one in new["layers"] if one["name"] == "model")
    assert model["size"] < new["sent"] < model["size"] + 10_000  # the config besides
    place = tmp_path / "pulled"
    pulled = [skopeo, "copy", "--quiet", "--src-tls-verify=false", f"docker://{repository}@{first['digest']}"]
    subprocess.run([*pulled, f"oci:{place}"], check=True)
    built = shop.image(of_registry, "-o", str(tmp_path / "built"))
    assert built["digest"] == first["digest"]
    assert blobs(place) == blobs(tmp_path / "built")


def test_one_file_holds_image_and_bundle_and_is_the_same_each_time(shop, base, program, tmp_path):
    digests = set()
    for name in ("a.tar", "b.tar"):
        said = shop.image(base("amd64"), "-o", str(tmp_path / name))
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    inspect = [program("skopeo"), "inspect", f"oci-archive:{tmp_path}/a.tar:latest"]
    found = subprocess.run(inspect, check=True, capture_output=True, text=True).stdout
    assert json.loads(found)["Digest"] == said["digest"]
    load = ["trimtab", "load", str(tmp_path / "a.tar"), "--store", str(tmp_path / "store"), "--json"]
    done = subprocess.run(load, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["digest"] == shop.bundle.digest


def test_an_image_in_one_file_is_taken_only_from_whom_the_policy_names(shop, base, program, tmp_path):
    openssl, key, public = program("openssl"), tmp_path / "release.pem", tmp_path / "store" / "release.pub"
    subprocess.run([openssl, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
    public.parent.mkdir()
    subprocess.run([openssl, "ec", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    (public.parent / "trust.toml").write_text('keys = ["release.pub"]\nunsigned = false\n')
    sign = ["trimtab", "sign", f"small@{shop.bundle.digest}", "--key", str(key), "--store", str(shop.store.root)]
    subprocess.run(sign, check=True, capture_output=True)
    signed = shop.image(base("amd64"), "-o", str(tmp_path / "signed.tar"), "--key", str(key))
    shop.image(base("amd64"), "-o", str(tmp_path / "plain.tar"))

    def load(name: str) -> subprocess.CompletedProcess[str]:
        command = ["trimtab", "load", str(tmp_path / name), "--store", str(tmp_path / "store"), "--json"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = load("plain.tar")
    assert (refused.returncode, refused.stderr.count("P294")) == (1, 1), refused.stderr
    assert not (tmp_path / "store" / "bundles").exists()
    taken = load("signed.tar")
    assert taken.returncode == 0, taken.stderr
    (image,) = json.loads(taken.stdout)["images"]
    assert image["digest"] == signed["digest"]
    assert image["signed"].startswith("release.pub (sha256:")


def test_what_no_policy_lets_run_becomes_no_image(shop, base, tmp_path):
    """A policy that names a signer wants a signature, here as everywhere."""
    project = tmp_path / "strict"
    project.mkdir()
    key = "-----BEGIN PUBLIC KEY-----\n" + "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + "\n-----END PUBLIC KEY-----\n"
    (project / "key.pub").write_text(key)
    (project / "trimtab.toml").write_text('name = "small"\n[model]\npath = "m"\n[trust]\nkeys = ["key.pub"]\n')
    command = ["trimtab", "image", f"small@{shop.bundle.digest}", "--base", str(base("amd64"))]
    command += ["--store", str(shop.store.root)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert "error[P29" in done.stderr
    assert not (project / "small.oci").exists()
