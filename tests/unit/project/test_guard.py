"""Who may call, as it is written."""

import re
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.server.guard.principal import Grant
from trimtab.server.guard.settings import Certificates, GuardSettings, Issuer, Share

SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'
HERE = Path("/project/trimtab.toml")
ISSUER = '[server.auth.tokens.idp]\nissuer = "https://login.example"\naudiences = ["churn"]\nscopes = ["infer"]\n'
TLS = '[server]\ntls_cert = "c.pem"\ntls_key = "k.pem"\n'


def guard(text):
    return project_of(SMALL + text, HERE).server.guard


def faults(text):
    with pytest.raises(UserError) as caught:
        guard(text)
    return [(problem.code, problem.where, problem.what) for problem in caught.value.problems]


def test_a_file_that_says_nothing_asks_nobody():
    assert guard("") == GuardSettings()
    assert not guard("").asks


def test_everything_that_can_be_said():
    said = guard(
        TLS
        + 'hosts = ["churn.example"]\nproxies = ["10.0.0.0/8", "::1"]\naudit = "audit"\n'
        + '[server.auth]\nkeys = "/run/secrets/keys.json"\n'
        + '[server.auth.tokens.idp]\nissuer = "https://login.example/t"\naudiences = ["a", "b"]\nalgorithm = "ES256"\n'
        + 'jwks = "https://login.example/keys"\nauthorities = "ca.pem"\nleeway = "5s"\nsubject = "azp"\n'
        + 'scopes = ["infer:churn-*"]\nroles_claim = "a.b"\nroles = { "X.Y" = ["read", "operate"] }\n'
        + '[server.auth.certificates]\nauthorities = ["ca.pem"]\nnames = { "edge.example" = ["infer"] }\n'
        + "required = true\n"
        + '[server.limits]\nrequests = "5/second"\nconcurrent = 4\nfile = "quotas.bin"\n'
        + '[server.limits.callers."key:ci-*"]\nrows = "1000/day"\n'
    )
    here = Path("/project")
    assert said == GuardSettings(
        keys=Path("/run/secrets/keys.json"),
        issuers=(
            Issuer(
                "idp", "https://login.example/t", ("a", "b"), "ES256", "https://login.example/keys", here / "ca.pem",
                5.0, "azp", (Grant("infer", "churn-*"),), "a.b", {"X.Y": (Grant("read"), Grant("operate"))},
            ),
        ),
        certificates=Certificates((here / "ca.pem",), (), {"edge.example": (Grant("infer"),)}, required=True),
        share=Share("5/second", "", 4),
        shares={"key:ci-*": Share("", "1000/day")},
        quotas=here / "quotas.bin",
        proxies=("10.0.0.0/8", "::1"),
        hosts=("churn.example",),
        audit=here / "audit",
    )  # fmt: skip
    assert said.asks


def test_the_files_of_tls_are_paths_from_the_project_s_folder():
    part = project_of(SMALL + TLS.replace("k.pem", "/run/k.pem"), HERE).server
    assert (part.tls_cert, part.tls_key) == (Path("/project/c.pem"), Path("/run/k.pem"))


def test_an_issuer_has_defaults():
    (issuer,) = guard(ISSUER).issuers
    assert issuer == Issuer("idp", "https://login.example", ("churn",), grants=(Grant("infer"),))


@pytest.mark.parametrize(
    ("text", "code", "what"),
    [
        (ISSUER.replace('issuer = "https://login.example"\n', ""), "P107", "`issuer` is missing"),
        (ISSUER.replace('audiences = ["churn"]', "audiences = []"), "P107", "`audiences` is missing"),
        (ISSUER.replace("https://", "http://"), "P105", "begins with `https://`"),
        (ISSUER + 'jwks = "file:///etc/passwd"\n', "P105", "begins with `https://`"),
        (ISSUER + 'jwks = "https://["\n', "P105", "begins with `https://`"),
        (ISSUER.replace('scopes = ["infer"]\n', ""), "P105", "neither `scopes` nor `roles`"),
        (ISSUER + ISSUER.replace("idp", "again"), "P105", "`tokens.idp` has this issuer already"),
        (ISSUER + 'algorithm = "HS256"\n', "P105", "`HS256` is not one of `RS256`"),
        (ISSUER + 'algorithm = "none"\n', "P105", "`none` is not one of"),
        (ISSUER.replace('"infer"', '"admin"'), "P105", "`admin` is not a scope"),
        (ISSUER + 'roles = { a = ["infer:A"] }\n', "P105", "`a`: `A` is not a pattern"),
        (ISSUER + "roles = [1]\n", "P104", "not a table of arrays of texts"),
        (TLS + '[server.auth.certificates]\nscopes = ["infer"]\n', "P107", "`authorities` is missing"),
        (TLS + '[server.auth.certificates]\nauthorities = ["a"]\n', "P105", "neither `scopes` nor `names`"),
        ('[server]\nproxies = ["10.0.0.1/8"]\n', "P105", "`10.0.0.1/8` is no network"),
        ('[server.auth]\nkey = "k"\n', "P103", "no key `key` in `[server.auth]`"),
    ],
)
def test_what_would_let_nobody_in_or_whoever_comes_is_said_with_its_place(text, code, what):
    ((got, where, said),) = faults(text)
    assert got == code
    assert what in said
    assert re.fullmatch(r"trimtab\.toml:\d+ server\..*", where)
