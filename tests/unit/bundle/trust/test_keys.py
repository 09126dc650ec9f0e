"""Keys and certificates in files."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from tests.doubles.certificates import Authority

from trimtab.bundle.trust import keys
from trimtab.bundle.trust.policy import NamedPem
from trimtab.core.errors import UserError


def pem(key):
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return NamedPem("k.pem", key.private_bytes(*form))


def public_pem(key):
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return NamedPem("k.pub", key.public_key().public_bytes(*form))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_what_a_key_signed_it_verifies_and_nothing_else_and_it_is_the_same_each_time(curve):
    made = ec.generate_private_key(curve)
    key = keys.private_key(pem(made))
    signature = keys.sign(key, b"said")
    assert signature == keys.sign(key, b"said")
    public = keys.public_key(public_pem(made))
    assert keys.verify(public, [b"", signature], b"said")
    assert not keys.verify(public, [signature], b"said!")
    assert not keys.verify(public, [], b"said")
    assert not keys.verify(ec.generate_private_key(curve).public_key(), [signature], b"said")
    assert keys.fingerprint(public) == keys.fingerprint(made.public_key())
    assert keys.fingerprint(public).startswith("sha256:")


@pytest.mark.parametrize(
    "other",
    [
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256K1()),
    ],
)
def test_keys_of_other_kinds_are_refused_with_how_to_make_one(other):
    for read, file in ((keys.private_key, pem(other)), (keys.public_key, public_pem(other))):
        with pytest.raises(UserError, match=r"P292.*model signing knows P-256") as error:
            read(file)
        assert "openssl" in str(error.value)
    assert not keys.verify(other.public_key(), [b""], b"")


def test_a_password_is_needed_where_there_is_one_and_only_there(people):
    locked = people["ann"].private(b"secret")
    assert keys.private_key(locked, "secret")
    for file, password, what in [
        (locked, "", "has a password, and none was given"), (locked, "wrong", "or its password is another"),
        (people["ann"].private(), "secret", "the key has no password"), (NamedPem("x", b"no"), "", "no private key"),
    ]:  # fmt: skip
        with pytest.raises(UserError, match=what) as error:
            keys.private_key(file, password)
        assert "secret" not in str(error.value)


def test_files_that_hold_something_else_are_named(tmp_path, people):
    for read in (keys.public_key, keys.certificates):
        with pytest.raises(UserError, match="P292"):
            read(people["ann"].private())
    with pytest.raises(UserError, match="P292"):
        keys.pem_file(tmp_path / "gone.pub")
    (tmp_path / "big.pub").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(UserError, match="too large"):
        keys.pem_file(tmp_path / "big.pub")
    (tmp_path / "a.pub").write_bytes(b"x")
    assert keys.pem_file(tmp_path / "a.pub") == NamedPem("a.pub", b"x")


def test_a_certificate_whose_signature_is_said_to_be_of_other_than_whole_bytes_is_refused():
    ends = (Authority("ours").certificate for _ in range(1000))
    made = next(one for one in ends if one.signature[-1] & 3 == 0)  # only then would others be read the same
    plain = keys.as_der(made)
    at = plain.rindex(made.signature) - 1
    assert keys.from_der(plain) == made
    for unused in (1, 2):
        with pytest.raises(ValueError, match="whole bytes"):
            keys.from_der(plain[:at] + bytes([unused]) + plain[at + 1 :])
