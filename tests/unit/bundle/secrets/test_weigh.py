"""Secret, or placeholder."""

import base64

import pytest

from trimtab.bundle.secrets.weigh import entropy, is_key, is_login, is_password


@pytest.mark.parametrize(("value", "bits"), [(b"aaaa", 0.0), (b"abab", 1.0), (b"abcd", 2.0), (bytes(range(256)), 8.0)])
def test_entropy_is_in_bits_a_byte(value, bits):
    assert entropy(value) == pytest.approx(bits)


@pytest.mark.parametrize("value", [b"kT9-vault", b"correcthorse", b"hunter2", b"SuperSecret123!"])
def test_what_may_be_a_password(value):
    assert is_password(value)


@pytest.mark.parametrize(
    "value",
    [b"password", b"PASSWORD1", b"changeme", b"your-password", b"***", b"xxxxxxxx", b"${X}", b"$X", b"<pw>", b"%(pw)s",
     b"{{ pw }}", b"./pw.txt", b"/run/secrets/pw", b"env:PW", b"a-a-a-a"],
)  # fmt: skip
def test_what_stands_for_one(value):
    assert not is_password(value)


@pytest.mark.parametrize("value", [b"kT9-vault", b"9f86d081884c7d65", b"SuperSecret123!", b"Tr0ub4dor&3"])
def test_what_looks_like_a_key(value):
    assert is_key(value)


@pytest.mark.parametrize(
    "value", [b"access_token_v2", b"next-token-1", b"ACCESS_TOKEN2", b"correcthorse", b"12345678", b"aaaaaaa1"]
)
def test_what_looks_like_a_name_or_a_word(value):
    assert not is_key(value)


@pytest.mark.parametrize(
    ("text", "login"),
    [(b"ann:kT9-vault", True), (b"ann:password", False), (b"ann", False), (b"ann:", False), (b"\xff\xfe:kT9", False)],
)
def test_a_login_is_name_and_password_in_base64(text, login):
    assert is_login(base64.b64encode(text)) is login
    assert is_login(base64.b64encode(text).rstrip(b"=")) is login


def test_what_is_no_base64_is_no_login():
    assert not is_login(b"A")
