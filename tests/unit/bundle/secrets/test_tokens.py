"""Every kind of secret is found by its form, in time that grows with the text alone. All samples are made up."""

import pickle
import time

import pytest

from trimtab.bundle.secrets.scan import scan
from trimtab.bundle.secrets.tokens import GUESSED, KEYWORDS, TOKENS
from trimtab.server.guard.keys.text import new_id, new_key

MIXED = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8"  # what random text of letters and digits looks like
LONG = MIXED * 12
DIGITS = "0123456789abcdef" * 8

SAMPLES = {
    "private key": [f"-----BEGIN {kind}PRIVATE KEY-----\n{LONG[:64]}\n" for kind in ("", "RSA ", "OPENSSH ")]
    + ['{"k": "-----BEGIN PRIVATE KEY-----\\n' + LONG[:64] + '"}', "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none"],
    "key of trimtab": ["tt_7hq2mk9x_" + LONG[:43] + DIGITS[:8]],
    "key of age": ["AGE-SECRET-KEY-1" + LONG.upper()[:58]],
    "access key of AWS": ["AKIA" + "Q3EGRTZ7" * 2, "ASIA" + "Q3EGRTZ7" * 2],
    "token of GitHub": [head + LONG[:36] for head in ("ghp_", "gho_", "ghs_")] + ["github_pat_" + LONG[:82]],
    "token of GitLab": ["glpat-" + LONG[:20]],
    "token of Slack": ["xoxb-" + "123456789012-" * 2 + MIXED, "xapp-1-" + LONG[:40]],
    "address of a Slack hook": ["https://hooks.slack.com/services/T0000/B0000/" + MIXED],
    "key of Google": ["AIza" + LONG[:35]],
    "client secret of Google": ["GOCSPX-" + LONG[:28]],
    "token of Google": ["ya29." + LONG[:60]],
    "key of OpenAI": ["sk-proj-" + LONG[:120], "sk-" + LONG[:20] + "T3BlbkFJ" + LONG[:20]],
    "key of Anthropic": ["sk-ant-api03-" + LONG[:95]],
    "token of Hugging Face": ["hf_" + LONG[:34]],
    "token of Databricks": ["dapi" + DIGITS[:32]],
    "key of Stripe": ["sk_live_" + LONG[:24], "rk_live_" + LONG[:99]],
    "token of npm": ["npm_" + LONG[:36]],
    "token of PyPI": ["pypi-AgEIcHlwaS5vcmc" + LONG[:120]],
    "token of Docker Hub": ["dckr_pat_" + LONG[:27]],
    "key of SendGrid": ["SG." + LONG[:22] + "." + LONG[:43]],
    "token of DigitalOcean": ["dop_v1_" + DIGITS[:64]],
    "token of Vault": ["hvs." + LONG[:90]],
    "token of Grafana": ["glsa_" + LONG[:32] + "_" + DIGITS[:8]],
    "token of Shopify": ["shpat_" + DIGITS[:32]],
    "JSON web token": [f"eyJ{MIXED}.eyJ{MIXED}.{MIXED}"],
    "key of Azure": ["AccountKey=" + LONG[:86] + "==;", "SharedAccessKey=" + LONG[:43] + "="],
    "signed address of Azure": ["https://a.blob.core.windows.net/c?sv=2024-01-01&sig=" + LONG[:44] + "%3D&se=x"],
    "client secret of Azure": ["abc8Q~" + LONG[:34]],
    "password in an address": ["postgres://ann:kT9-vault@db/x", "https://ann:kT9-vault@git.example/x.git"],
    "password by host": ["machine git.example login ann password kT9-vault"],
    "password in a connection string": [
        '"Server=tcp:a;User Id=ann;Password=kT9-vault;"', 'x("host=db password=kT9-vault")',
    ],
    "login of a container registry": ['{"auth": "YW5uOmtUOS12YXVsdA=="}'],
    "service account of Google": ['{"type": "service_account", "project_id": "p", "private_key": "x"}'],
    "key of Kubernetes": ["client-key-data: " + LONG[:60]],
    "bearer token": ["Authorization: Bearer " + LONG[:40]],
    "password": [
        'password = "kT9-vault"', "DB_PASSWORD: 'kT9-vault'", '"passwd": "kT9-vault"', 'password: str = "kT9-vault"',
    ],
    "key or token": ['API_KEY = "kT9vaultX"', '"client_secret": "kT9-vault"', 'f(auth_token="kT9-vault")'],
}  # fmt: skip
CASES = [(kind, sample) for kind, samples in SAMPLES.items() for sample in samples]


@pytest.mark.parametrize(("kind", "sample"), CASES)
def test_a_secret_is_found_on_its_line_with_its_kind_and_only_its_beginning(kind, sample):
    found = scan(f"first\nx = {sample}\nlast\n".encode())
    assert [hit.kind for hit in found] == [kind]
    assert all(len(hit.shown) < max(len(sample) // 2, 10) for hit in found)
    assert "kT9" not in found[0].shown
    assert MIXED[:6] not in found[0].shown


def test_a_key_as_the_server_makes_it_is_found():
    key = new_key(new_id())
    assert [hit.kind for hit in scan(f'curl -H "authorization: Bearer {key}"'.encode())] == ["key of trimtab"]


def test_every_rule_has_its_sample():
    assert set(SAMPLES) == {token.kind for token in (*TOKENS, *GUESSED)} | {"password", "key or token"}


FIXED = [(kind, sample) for kind, sample in CASES if kind in {token.kind for token in TOKENS}]


@pytest.mark.parametrize(("kind", "sample"), FIXED)
def test_fixed_forms_are_found_among_bytes_that_are_no_text(kind, sample):
    assert [hit.kind for hit in scan(b"\x00\x93" + sample.encode() + b"\x94\x00", text=False)] == [kind]


@pytest.mark.parametrize("protocol", range(1, 6))
@pytest.mark.parametrize(("kind", "sample"), FIXED)
def test_fixed_forms_are_found_in_pickles_whatever_stands_beside_them(kind, sample, protocol):
    data = pickle.dumps({"before": 1, sample: sample}, protocol)
    assert {hit.kind for hit in scan(data, text=False)} == {kind}


HARMLESS = [
    'password = os.environ["DB_PASSWORD"]', 'password = ""', 'password = "changeme123"', 'password = "<password1>"',
    'password = "${DB_PASSWORD1}"', 'password = "{password1}"', 'secret_name = "kT9-vault"', "token = next(tokens9)",
    'token_pattern = r"(?u)\\b\\w\\w+\\b"', 'password == "kT9-vault"', 'help="the password of 1st user"',
    "https://user:password@host/x", "https://host:8080/a@b", "postgres://ann:${PASSWORD}@db", "xAKIAQ3EGRTZ7Q3EGRTZ7",
    "-----BEGIN CERTIFICATE-----\n" + LONG[:64], 'PEM = "-----BEGIN PRIVATE KEY-----"', "ghp_short",
    '{"auth": "bearer-token-form"}', '"type": "service_account"', "machine learning password reset", "hf_hub_download",
    "numpy==2.0 --hash=sha256:" + DIGITS[:64], 'key = "kT9-vault"', 'tokenizer = "bert-base-uncased"', "sig=signature",
    "sk-learn-" + "a" * 9,
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_is_let_through(text):
    assert scan(text.encode()) == []


def adversaries():
    anchors = sorted({anchor for token in (*TOKENS, *GUESSED) for anchor in token.anchors} | set(KEYWORDS))
    for anchor in anchors:
        yield anchor
        yield anchor + b"-"
        yield anchor + b"a" * 500
        yield b" " + anchor + b": = \t" * 3
    yield b"eyJ" + b"a" * 399 + b".eyJ" + b"a" * 5000
    yield b"-----BEGIN " + b"A " * 40
    yield b"://" + b"a" * 100 + b":" + b"b" * 199


def test_text_made_to_be_slow_takes_time_in_proportion_to_its_size():
    seconds = {}
    for size in (1 << 17, 1 << 19):
        begin = time.process_time()
        for seed in adversaries():
            scan((seed * (size // len(seed) + 1))[: size // 16])
        seconds[size] = time.process_time() - begin
    assert seconds[1 << 19] < 10 * seconds[1 << 17] + 0.5  # 4 would be exact; a square would be 16


@pytest.mark.parametrize("seed", [b"token", b"://a:", b"eyJ-", b"password: = ", b"sk-ant-", b"-----BEGIN ", b" \t\n"])
def test_a_mebibyte_of_it_is_searched_in_seconds(seed):
    begin = time.process_time()
    scan((seed * (1 << 20))[: 1 << 20], bare=True)
    assert time.process_time() - begin < 5
