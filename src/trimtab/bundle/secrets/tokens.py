"""What secrets look like in a file: forms with a fixed beginning, and assignments to names that mean a secret.

Every form is looked for only where one of its anchors stands, and reads a bounded number of bytes from there, without
ever going back over them (possessive quantifiers): the time is linear in the size of the file, whatever is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["ASSIGNED", "BARE", "GUESSED", "KEYWORDS", "NOT_SECRET", "QUOTED", "TOKENS", "Token"]


@dataclass(frozen=True, slots=True)
class Token:
    """One kind of secret. `form` is matched from `back` bytes before an anchor; its group 1, if any, is the secret.

    weighed: "password" must not look like a placeholder, "key" neither that nor like a word, "login" be two words.
    loose: the form among bytes, where what stands beside it may be a length or an instruction that looks like a letter.
    """

    kind: str
    anchors: tuple[bytes, ...]
    form: re.Pattern[bytes]
    back: int = 0
    weighed: str = ""
    loose: re.Pattern[bytes] | None = None


def _word(kind: str, form: str, *anchors: str, back: int = 0, beside: str = "A-Za-z0-9") -> Token:
    """A form that in text must stand alone."""
    alone = re.compile(rf"(?<![{beside}]){form}(?![A-Za-z0-9])".encode())
    return Token(kind, tuple(anchor.encode() for anchor in anchors), alone, back, loose=re.compile(form.encode()))


def _fixed(kind: str, rest: str, *anchors: str) -> Token:
    """Anchors that begin a word, and what follows them."""
    return _word(kind, f"(?:{'|'.join(map(re.escape, anchors))}){rest}", *anchors)


_SEPARATED: Final = rb"(?:\\[nr]|[\s\"',+>|]){0,40}+"  # how lines are joined in texts, JSON, YAML and source
_TEXT: Final = r"[A-Za-z0-9_-]"
TOKENS: Final = (
    Token(
        "private key",
        (b"-----BEGIN ",),
        re.compile(
            rb"-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----"
            + _SEPARATED
            + rb"(?:[A-Za-z0-9+/]{32}|Proc-Type:|Version:|Comment:|Hash:)"
        ),
    ),
    Token("private key", (b"PuTTY-User-Key-File-",), re.compile(rb"PuTTY-User-Key-File-\d:")),
    _fixed("key of trimtab", f"[0-9a-hjkmnp-tv-z]{{8}}_{_TEXT}{{43}}[0-9a-f]{{8}}", "tt_"),
    _fixed("key of age", "[A-Z0-9]{58}", "AGE-SECRET-KEY-1"),
    _fixed("access key of AWS", "[A-Z2-7]{16}", "AKIA", "ASIA", "ABIA", "ACCA"),
    _fixed("token of GitHub", "[A-Za-z0-9]{36}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _fixed("token of GitHub", r"\w{60,100}+", "github_pat_"),
    _fixed("token of GitLab", r"[\w-]{20,64}+", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-"),
    _fixed("token of Slack", "[A-Za-z0-9-]{20,200}+", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-"),
    Token(
        "address of a Slack hook",
        (b"hooks.slack.com/",),
        re.compile(rb"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,100}+"),
    ),
    _fixed("key of Google", f"{_TEXT}{{35}}", "AIza"),
    _fixed("client secret of Google", f"{_TEXT}{{28}}", "GOCSPX-"),
    _fixed("token of Google", r"[\w.-]{30,400}+", "ya29."),
    _fixed("key of OpenAI", f"{_TEXT}{{40,300}}+", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"),
    Token("key of OpenAI", (b"T3BlbkFJ",), re.compile(rb"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"), back=23),
    _fixed("key of Anthropic", f"{_TEXT}{{40,300}}+", "sk-ant-"),
    _fixed("token of Hugging Face", "[A-Za-z0-9]{30,60}+", "hf_", "api_org_"),
    _fixed("token of Databricks", "[0-9a-f]{32}(?:-[0-9])?", "dapi"),
    _fixed("key of Stripe", "[A-Za-z0-9]{24,250}+", "sk_live_", "rk_live_", "whsec_"),
    _fixed("token of npm", "[A-Za-z0-9]{36}", "npm_"),
    _fixed("token of PyPI", f"{_TEXT}{{50,1000}}+", "pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBp"),
    _fixed("token of Docker Hub", f"{_TEXT}{{20,60}}+", "dckr_pat_"),
    _fixed("key of SendGrid", rf"{_TEXT}{{16,32}}+\.{_TEXT}{{32,64}}+", "SG."),
    _fixed("token of DigitalOcean", "[0-9a-f]{64}", "dop_v1_", "doo_v1_", "dor_v1_"),
    _fixed("token of Vault", r"[\w-]{24,300}+", "hvs.", "hvb."),
    _fixed("token of Grafana", r"[A-Za-z0-9]{32}_[0-9a-fA-F]{8}", "glsa_"),
    _fixed("token of Shopify", "[0-9a-fA-F]{32}", "shpat_", "shpss_", "shpca_", "shppa_"),
    _word(
        "JSON web token",
        r"eyJ[\w-]{12,400}+\.eyJ[\w-]{8,6000}+\.[\w-]{16,1500}+",
        "eyJ",
        beside=r"\w-",
    ),
    Token("key of Azure", (b"AccountKey=",), re.compile(rb"AccountKey=([A-Za-z0-9+/]{84,88}+={0,2})")),
    Token("key of Azure", (b"SharedAccessKey=",), re.compile(rb"SharedAccessKey=([A-Za-z0-9+/]{40,88}+={0,2})")),
    Token("signed address of Azure", (b"sig=",), re.compile(rb"(?<=[?&])sig=([A-Za-z0-9%/+]{43,70}+)(?:=|&|(?<=D))")),
    _word("client secret of Azure", r"[\w.-]{3}\dQ~[\w~.-]{31,34}", "Q~", back=4, beside=r"\w~.-"),
)

# what is secret by its name, or by its place, and only in text
GUESSED: Final = (
    Token(
        "password in an address",
        (b"://",),
        re.compile(rb"://[^\s/:@\"'<>`\\]{0,100}+:([^\s/@\"'<>`\\]{3,200}+)@[A-Za-z0-9\[_.-]"),
        weighed="password",
    ),
    Token(
        "password by host",
        (b"machine",),
        re.compile(
            rb"machine\s{1,20}+\S{1,100}+\s{1,20}+login\s{1,20}+\S{1,100}+\s{1,20}+password\s{1,20}+(\S{3,200}+)"
        ),
        weighed="password",
    ),
    Token(
        "password in a connection string",
        (b"password=", b"pwd=", b"password =", b"pwd ="),
        re.compile(rb"(?<=[;\"'])(?:password|pwd)[ ]?=[ ]?([^;\"'\s<>{}()\[\]$]{3,200}+)(?=[;\"'])", re.IGNORECASE),
        weighed="password",
    ),
    Token(
        "password in a connection string",
        (b" password=", b"; password="),
        re.compile(rb"(?:; | )password=([^,;\"'\s<>{}$()]{8,200}+)(?=[;\"' ])", re.IGNORECASE),
        weighed="key",
    ),
    Token(
        "login of a container registry",
        (b'"auth"',),
        re.compile(rb"\"auth\"\s{0,20}+:\s{0,20}+\"([A-Za-z0-9+/]{12,2000}+={0,2})\""),
        weighed="login",
    ),
    Token(
        "service account of Google",
        (b'"service_account"',),
        re.compile(rb"\"service_account\"\s{0,20}+,[^{}]{0,600}?\"private_key\""),
    ),
    Token(
        "key of Kubernetes",
        (b"client-key-data",),
        re.compile(rb"client-key-data:[ ]?[A-Za-z0-9+/]{40}"),
    ),
    Token(
        "bearer token",
        (b"bearer ",),
        re.compile(rb"bearer ([A-Za-z0-9._~+/-]{24,2000}+=*)", re.IGNORECASE),
        weighed="key",
    ),
)

# names that mean a secret when something is assigned to them; in lower case
KEYWORDS: Final = (
    b"password", b"passwd", b"passphrase", b"_pwd", b"db_pass", b"secret", b"token", b"api_key", b"apikey", b"api-key",
    b"access_key", b"accesskey", b"access-key", b"account_key", b"accountkey", b"auth_key", b"private_key",
    b"encryption_key", b"signing_key", b"credential",
)  # fmt: skip
# the name may go on; then `=` or `:`, in Python perhaps behind an annotation. Group 1 is how the name ends
ASSIGNED: Final = re.compile(
    rb"([\w.-]{0,40}+)\\?[\"']?\]?[ \t]{0,8}+(?::[ \t]{0,4}[A-Za-z_.|\[\] ]{1,40}+=|:=|=>|=(?!=)|:)[ \t]{0,8}+"
)
QUOTED: Final = re.compile(rb"[bBrRuU]?\\?[\"']([^\s\"'\\]{6,400}+)\\?[\"']")
BARE: Final = re.compile(rb"([^\s\"'#;,{}\[\]()<>$]{6,400}+)(?=\s|$)")  # in files where values stand without quotes
# ends of names that hold no secret themselves
NOT_SECRET: Final = (
    b"name", b"id", b"file", b"path", b"url", b"uri", b"type", b"env", b"ref", b"field", b"column", b"version", b"hash",
    b"pattern", b"format", b"header", b"prefix", b"class", b"arn", b"label", b"hint", b"help", b"len", b"size",
)  # fmt: skip
