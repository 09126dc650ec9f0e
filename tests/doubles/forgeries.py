"""Tokens that nobody may take, by name: FORGERIES.

Each needs only a `Provider`, whose two realms are the issuers that are trusted. Those of NO_HEADER cannot be sent in a
request at all; LONG ones may be refused for their length before they are read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from tests.doubles.forging import (
    STRANGERS,
    Forge,
    alike,
    at_edge,
    bent,
    doubled,
    flipped,
    headed,
    nested,
    next_bit,
    shared,
    signed,
    spelled,
    strange,
    unencoded,
    unsigned,
)
from tests.doubles.oidc import b64, compact

NO_HEADER: Final = frozenset({"newline_inside", "foreign_letters"})
LONG: Final = frozenset({"longer_than_16_kb"})
NOW: Final = time.time()
HOUR: Final = 3600
ORDER: Final = bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")  # of the curve P-256

ALGORITHM: Final[dict[str, Forge]] = {
    "alg_none": unsigned("none"),
    "alg_None": unsigned("None"),
    "alg_nOnE": unsigned("nOnE"),
    "alg_empty": unsigned(""),
    "alg_left_out": unsigned(None),
    "alg_number": unsigned(0),
    "alg_list": unsigned(["RS256"]),
    "alg_missing": headed(alg=None),
    "alg_in_lower_case": headed(alg="rs256"),
    "alg_in_a_list": headed(alg=["RS256"]),
    "none_with_a_good_signature": headed(alg="none"),
    "hs256_by_the_public_pem": shared(lambda key: key.public("PEM")),
    "hs256_by_the_public_pem_stripped": shared(lambda key: key.public("PEM").strip()),
    "hs256_by_the_public_der": shared(lambda key: key.public("DER")),
    "hs256_by_the_public_jwk": shared(lambda key: json.dumps(key.jwk).encode()),
    "hs256_by_the_modulus": shared(lambda key: key.jwk["n"].encode()),
    "hs512_by_the_public_pem": shared(lambda key: key.public("PEM"), "sha512"),
    "hs256_by_an_empty_secret": shared(lambda _key: b""),
    "ps256_by_the_right_key": alike("PS256", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
    "rs512_by_the_right_key": alike("RS512", padding.PKCS1v15(), hashes.SHA512()),
    "key_of_another_issuer": lambda at: at.main.token({"alg": "ES256"}, at.edge.key),
    "key_of_main_at_edge": lambda at: at.edge.token({"alg": "RS256"}, at.main.key),
    "issuer_of_edge": lambda at: at.main.token(iss=at.edge.issuer),
}
HEADER: Final[dict[str, Forge]] = {
    "kid_a_number": headed(kid=1),
    "kid_a_list": lambda at: at.main.token({"kid": [at.main.key.name]}),
    "kid_an_object": headed(kid={}),
    "kid_too_long": headed(kid="k" * 257),
    "jku_of_a_stranger": strange(jku="https://127.0.0.1:1/keys"),
    "x5u_of_a_stranger": strange(x5u="https://127.0.0.1:1/"),
    "jwk_of_a_stranger": strange(jwk=STRANGERS["RS256"].jwk),
    "jwk_of_the_issuer": lambda at: at.main.token({"jwk": at.main.key.jwk}),
    "x5c_of_a_stranger": strange(x5c=[base64.b64encode(STRANGERS["RS256"].public("DER")).decode()]),
    "crit": headed(crit=["exp"], exp=1),
    "b64_false": unencoded,
    "b64_false_without_crit": headed(b64=False),
    "typ_of_logout": headed(typ="logout+jwt"),
    "typ_a_number": headed(typ=1),
}
UNKNOWN_KEY: Final[dict[str, Forge]] = {
    "kid_of_a_stranger": strange(kid="nobody"),
    "kid_of_another_issuer": lambda at: at.main.token({"kid": at.edge.key.name}),
    "kid_a_path": strange(kid="../../../../dev/null"),
    "kid_a_query": strange(kid="x' UNION SELECT 'secret' -- "),
    "kid_an_address": strange(kid="https://evil.example/key"),
    "kid_a_command": strange(kid="|curl evil.example"),
    "kid_empty": strange(kid=""),
    "key_of_another_issuer_as_rs256": lambda at: at.main.token({"alg": "RS256"}, at.edge.key),
}
SIGNATURE: Final[dict[str, Forge]] = {
    "rs256_with_sha1": alike("RS256", padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303 - a forgery
    "rs256_by_another_key": strange(),
    "kid_missing": strange(kid=None),
    "key_of_another_issuer_by_our_kid": lambda at: at.main.token(
        {"alg": "RS256", "kid": at.main.key.name}, at.edge.key
    ),
    "signature_cut": bent(lambda a, b, c: f"{a}.{b}.{c[:-2]}"),
    "signature_empty": bent(lambda a, b, _: f"{a}.{b}."),
    "claims_flipped": bent(lambda a, b, c: f"{a}.{flipped(b, -2)}.{c}"),
    "signature_flipped": bent(lambda a, b, c: f"{a}.{b}.{flipped(c)}"),
    "signature_flipped_at_its_end": bent(lambda a, b, c: f"{a}.{b}.{flipped(c, -1)}"),
    "signature_of_zeros": bent(lambda a, b, _: f"{a}.{b}.{b64(bytes(256))}"),
    "signature_longer": bent(lambda a, b, c: f"{a}.{b}.{c}{b64(bytes(3))}"),
    "signature_of_another_token": lambda at: ".".join(
        [*at.main.token(sub="root").split(".")[:2], at.main.token().split(".")[2]]
    ),
    "es256_of_zeros": at_edge(lambda _realm, _data: bytes(64)),
    "es256_empty": at_edge(lambda _realm, _data: b""),
    "es256_of_ones": at_edge(lambda _realm, _data: (bytes(31) + b"\1") * 2),
    "es256_of_the_order": at_edge(lambda _realm, _data: ORDER * 2),
    "es256_in_der": at_edge(lambda realm, data: realm.key.private.sign(data, ec.ECDSA(hashes.SHA256()))),
    "es256_by_another_key": at_edge(lambda _realm, data: STRANGERS["ES256"].sign(data)),
    "es256_with_half": at_edge(lambda realm, data: realm.key.sign(data)[:32]),
    "es256_longer": at_edge(lambda realm, data: realm.key.sign(data) + bytes(2)),
    "es256_by_a_hash": at_edge(lambda _realm, data: hashlib.sha512(data).digest()),
}
ISSUER: Final[dict[str, Forge]] = {
    "issuer_another": signed(iss="https://evil.example"),
    "issuer_missing": signed(iss=None),
    "issuer_with_a_slash": lambda at: at.main.token(iss=f"{at.main.issuer}/"),
    "issuer_in_a_list": lambda at: at.main.token(iss=[at.main.issuer]),
    "issuer_in_upper_case": lambda at: at.main.token(iss=at.main.issuer.upper()),
}
AUDIENCE: Final[dict[str, Forge]] = {
    "audience_another": signed(aud="other"),
    "audience_missing": signed(aud=None),
    "audience_empty": signed(aud=[]),
    "audience_longer": signed(aud="churn-admin"),
    "audience_an_object": signed(aud={"churn": 1}),
    "audience_upper_case": signed(aud="CHURN"),
    "audience_with_a_number": signed(aud=["churn", 1]),
}
EXPIRED: Final[dict[str, Forge]] = {
    "exp_past": signed(exp=NOW - HOUR),
    "exp_negative": signed(exp=-1),
}
NOT_YET: Final[dict[str, Forge]] = {
    "nbf_in_future": signed(nbf=NOW + HOUR),
    "iat_in_future": signed(iat=NOW + HOUR),
}
CLAIMS: Final[dict[str, Forge]] = {
    "exp_missing": signed(exp=None),
    "exp_text": signed(exp="9999999999"),
    "exp_true": signed(exp=True),
    "exp_1e999": spelled(exp="1e999"),
    "exp_null": spelled(exp="null"),
    "exp_of_400_digits": spelled(exp="9" * 400),
    "exp_a_list": signed(exp=[NOW + HOUR]),
    "nbf_text": signed(nbf="0"),
    "iat_false": signed(iat=False),
}
SUBJECT: Final[dict[str, Forge]] = {
    "sub_missing": signed(sub=None),
    "sub_empty": signed(sub=""),
    "sub_a_number": signed(sub=7),
    "sub_two_lines": signed(sub="ann\nkey:admin"),
    "sub_too_long": signed(sub="a" * 257),
    "sub_half_a_letter": signed(sub="\ud800"),
    "sub_backwards": signed(sub="\u202enimda"),
}
MALFORMED: Final[dict[str, Forge]] = {
    "alg_twice": doubled,
    "exp_nan": spelled(exp="NaN"),
    "exp_infinity": spelled(exp="Infinity"),
    "exp_of_5000_digits": spelled(exp="9" * 5000),
    "iat_nan": spelled(iat="NaN"),
    "sub_twice": spelled(sub='"ann", "sub": "bob"'),
    "header_cut": bent(lambda a, b, c: f"{a[:-3]}.{b}.{c}"),
    "claims_cut": bent(lambda a, b, c: f"{a}.{b[:-3]}.{c}"),
    "signature_missing": bent(lambda a, b, _: f"{a}.{b}"),
    "header_empty": bent(lambda _, b, c: f".{b}.{c}"),
    "claims_empty": bent(lambda a, _, c: f"{a}..{c}"),
    "all_empty": bent(lambda *_: ".."),
    "nothing": bent(lambda *_: ""),
    "four_parts": bent(lambda a, b, c: f"{a}.{b}.{c}.{c}"),
    "five_parts": bent(lambda a, b, c: f"{a}.{b}.{c}.{b}.{c}"),
    "dot_at_the_end": bent(lambda a, b, c: f"{a}.{b}.{c}."),
    "padded": bent(lambda a, b, c: f"{a}.{b}.{c}=="),
    "unused_bits": bent(lambda a, b, c: f"{a}.{b}.{next_bit(c)}"),
    "space_inside": bent(lambda a, b, c: f"{a}.{b} .{c}"),
    "tab_inside": bent(lambda a, b, c: f"{a}.\t{b}.{c}"),
    "newline_inside": bent(lambda a, b, c: f"{a}.{b}.{c[:9]}\n{c[9:]}"),
    "other_alphabet": bent(lambda a, b, c: f"{a}.{b}.+/{c[2:]}"),
    "foreign_letters": bent(lambda a, b, c: f"{a}.{b}.\uff21{c[1:]}"),
    "nested": nested,
    "header_a_list": lambda at: compact([], at.main.claims(), at.main.key.sign),
    "claims_a_list": lambda at: compact(at.main.header(), [at.main.claims()], at.main.key.sign),
    "claims_no_json": lambda at: compact(at.main.header(), b"sub=ann", at.main.key.sign),
    "claims_in_utf_16": lambda at: compact(
        at.main.header(), json.dumps(at.main.claims()).encode("utf-16"), at.main.key.sign
    ),
    "claims_nested_deeply": spelled(deep="[" * 5000 + "]" * 5000),
    "longer_than_16_kb": signed(more="x" * 16384),
    "json_of_jws": bent(lambda a, b, c: json.dumps({"protected": a, "payload": b, "signature": c})),
}
# by the reason for which each is refused
GROUPS: Final[dict[str, dict[str, Forge]]] = {
    "algorithm": ALGORITHM,
    "header": HEADER,
    "unknown key": UNKNOWN_KEY,
    "signature": SIGNATURE,
    "issuer": ISSUER,
    "audience": AUDIENCE,
    "expired": EXPIRED,
    "not yet": NOT_YET,
    "claims": CLAIMS,
    "subject": SUBJECT,
    "malformed": MALFORMED,
}
FORGERIES: Final[dict[str, Forge]] = {name: forge for group in GROUPS.values() for name, forge in group.items()}
