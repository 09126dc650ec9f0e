"""OpenSSF model signing's own command line, unchanged and in an environment of its own, beside our verbs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.bundle.trust.envelope import SIGNED, read_signed
from trimtab.bundle.trust.statements import WHOLE

AUTHORITY = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
LEAF = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nbasicConstraints=critical,CA:FALSE\n"
SMALL = 'name = "small"\n[model]\npath = "model:predict"\n'


@pytest.fixture
def signing(workshop, clients, program):
    """A packaged bundle, and openssl's keys and certificates beside it; runs programs there."""
    workshop.write(model="def predict(rows):\n    return rows['x']\n")
    workshop.lock_everything()
    bundle = workshop.package()
    openssl = program("openssl")

    def run(*words, status=0):
        tools = {"openssl": openssl, "model_signing": clients / "model_signing"}
        tools["trimtab"] = Path(sys.executable).with_name("trimtab")
        command = [tools[words[0]], *words[1:]]
        ran = subprocess.run(command, cwd=workshop.root, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == status, (words, ran.stdout, ran.stderr)
        return ran.stdout + ran.stderr

    for curve, name in (("prime256v1", "key"), ("secp384r1", "other"), ("secp521r1", "ca")):
        run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", f"{name}.pem")
        run("openssl", "ec", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub")
    run("openssl", "req", "-x509", "-new", "-key", "ca.pem", "-subj", "/CN=models", "-out", "ca.crt", *AUTHORITY)
    run("openssl", "req", "-new", "-key", "other.pem", "-subj", "/CN=release", "-out", "other.csr")
    (workshop.root / "leaf").write_text(LEAF)
    made = ("x509", "-req", "-in", "other.csr", "-CA", "ca.crt", "-CAkey", "ca.pem", "-set_serial", "7", "-days", "2")
    run("openssl", *made, "-extfile", "leaf", "-out", "other.crt")
    return workshop, bundle, run


def signature(workshop, bundle):
    """The signature document of the store as a file."""
    [data] = [
        one.data for one in evidence_of(workshop.store.root, bundle.digest)
        if read_signed(one).statement.predicate_type == WHOLE
    ]  # fmt: skip
    (workshop.root / "model.sig").write_bytes(data)
    return "model.sig"


def test_it_verifies_what_we_sign_with_a_key_and_with_a_certificate_and_refuses_another(signing):
    workshop, bundle, run = signing
    run("trimtab", "sign", "small", "--key", "key.pem")
    words = ("model_signing", "verify", "key", str(bundle.folder), "--signature", signature(workshop, bundle))
    assert "succeeded" in run(*words, "--public_key", "key.pub")
    run(*words, "--public_key", "other.pub", status=1)
    shutil.rmtree(workshop.store.root / "evidence")
    run("trimtab", "sign", "small", "--key", "other.pem", "--certificate", "other.crt")
    words = ("verify", "certificate", str(bundle.folder), "--signature", signature(workshop, bundle))
    assert "succeeded" in run("model_signing", *words, "--certificate_chain", "ca.crt")
    policy = '[trust]\nauthorities = ["ca.crt"]\nsubjects = ["CN=release"]\n'
    (workshop.root / "trimtab.toml").write_text(SMALL + policy)
    assert "by CN=release below CN=models" in run("trimtab", "verify")


def test_we_verify_what_it_signs(signing):
    workshop, bundle, run = signing
    certified = ("--private_key", "other.pem", "--signing_certificate", "other.crt", "--certificate_chain", "ca.crt")
    for kind, how, named in (
        ("key", ("--private_key", "key.pem"), 'keys = ["key.pub"]'),
        ("certificate", certified, 'authorities = ["ca.crt"]\nsubjects = ["CN=release"]'),
    ):
        shutil.rmtree(workshop.store.root / "evidence", ignore_errors=True)
        run("model_signing", "sign", kind, str(bundle.folder), "--signature", f"{kind}.sig", *how)
        theirs = Evidence(SIGNED, (workshop.root / f"{kind}.sig").read_bytes())
        keep_evidence(workshop.store.root, bundle.digest, [theirs])
        (workshop.root / "trimtab.toml").write_text(f"{SMALL}[trust]\n{named}\n")
        assert "runs       every policy lets it" in run("trimtab", "verify")
        (workshop.root / "trimtab.toml").write_text(f'{SMALL}[trust]\nkeys = ["ca.pub"]\n')
        assert "P294" in run("trimtab", "verify", status=1)
