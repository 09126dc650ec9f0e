"""`trimtab inspect`."""

import json
import shutil

import pytest


def test_a_bundle_is_shown_by_name_and_by_folder(type_in, here, answering):
    said = type_in("inspect", "copy")
    assert said.status == 0
    assert said.out.startswith(f"bundle     copy@{answering.digest}\n")
    assert "input      x  FP64" in said.out
    assert "origin     packaged" in said.out
    assert said.out.endswith("evidence   none\n")
    shutil.copytree(answering.folder, here / "elsewhere")
    assert type_in("inspect", "./elsewhere").out == said.out


def test_json_has_everything(type_in, answering):
    said = json.loads(type_in("inspect", "copy", "--json").out)
    assert (said["digest"], said["flavour"], said["golden"]["rows"]) == (answering.digest, "python", 3)


@pytest.mark.usefixtures("answering")
def test_a_signature_is_a_claim_until_a_policy_names_its_signer(type_in, here, signers):
    ann = signers.person("ann")
    (here / "ann.pem").write_bytes(ann.private().pem)
    assert type_in("sign", "copy", "--key", "ann.pem").status == 0
    assert "signature  not verified, it says: by a key with the hint" in type_in("inspect", "copy").out
    (here / "ann.pub").write_bytes(ann.public.pem)
    (here / "trimtab.toml").write_text('name = "copy"\n[model]\npath = "m:a"\n[trust]\nkeys = ["ann.pub"]\n')
    assert "signature  by ann.pub (sha256:" in type_in("inspect").out


def test_a_damaged_bundle_is_not_shown(type_in, answering):
    path = answering.folder / "golden/request.json"
    path.chmod(0o644)
    path.write_bytes(b"{}")
    said = type_in("inspect", "copy")
    assert (said.status, said.out, "P209" in said.err) == (2, "", True)


def test_an_archive_is_shown_with_what_it_carries_and_nothing_of_it_is_kept(type_in, here, signers, answering):
    (here / "ann.pem").write_bytes(signers.person("ann").private().pem)
    assert type_in("sign", "copy", "--key", "ann.pem").status == 0
    assert type_in("save", "copy", "-o", "copy.tar").status == 0
    said = json.loads(type_in("inspect", "copy.tar", "--store", "other", "--json").out)
    assert (said["digest"], said["origin"]) == (answering.digest, None)
    assert sorted(one["kind"] for one in said["evidence"]) == ["attestation", "signature"]
    assert not (here / "other").exists()
    (here / "copy.tar").write_bytes((here / "copy.tar").read_bytes()[:-5000])
    assert type_in("inspect", "copy.tar").status == 2
