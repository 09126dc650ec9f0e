"""What is secret by its name."""

import pytest

from trimtab.bundle.secrets.names import FILES, secret_name

PEM = b"-----BEGIN EC PRIVATE KEY-----\nabc"


def kind(name, content=b""):
    return secret_name(name, lambda: content)


@pytest.mark.parametrize(
    "name",
    [".env", "deep/.env.production", "prod.env", "ID_RSA", "keys/id_ed25519", ".netrc", ".pypirc", "pip.conf", ".npmrc",
     "kubeconfig", "terraform.tfstate", "a.tfstate.backup", "store.p12", "cert.pfx", "x.ppk", ".bash_history",
     ".python_history", ".git-credentials", ".pgpass", ".aws/credentials", "a/.ssh/config", ".docker/config.json",
     ".git/config", "kaggle.json", "client_secret_1.apps.json"],
)  # fmt: skip
def test_a_name_is_enough(name):
    assert kind(name)


@pytest.mark.parametrize(
    "name",
    ["env.py", "environment.yaml", "id_rsa.pub", "netrc.md", "model.json", "history.csv", "aws/credentials.md",
     "prepare.py", "config.json", "a.tf", "gitignore", ".gitignore", "keys.csv"],
)  # fmt: skip
def test_other_names_are_let_through_unread(name):
    def unread():
        raise AssertionError(name)

    assert secret_name(name, unread) == ""


@pytest.mark.parametrize(
    ("name", "secret", "harmless"),
    [
        ("tls.pem", PEM, b"-----BEGIN CERTIFICATE-----\nabc"),
        ("tls.key", PEM, b"weights of keys"),
        (
            "a.ipynb",
            b'{"cells": [{"outputs": [\n {"text": "x"}]}]}',
            b'{"cells": [{"outputs": []}, {"outputs" : [ ]}]}',
        ),
    ],
)
def test_names_that_are_often_harmless_are_judged_by_content(name, secret, harmless):
    assert kind(name, secret)
    assert not kind(name, harmless)


def test_patterns_are_in_lower_case():
    assert all(pattern == pattern.lower() for rule in FILES for pattern in rule.patterns)
