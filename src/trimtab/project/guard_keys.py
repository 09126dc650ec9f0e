"""The keys of `[server]` that say who may call, and how much."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["ALGORITHM_NAMES", "GUARD_KEYS"]

# Spelled out, as the other names are; a test compares them.
ALGORITHM_NAMES: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_TOKENS: Final = f"server.auth.tokens.{ANY}"
_CERTIFICATES: Final = "server.auth.certificates"


def _limit_keys(at: str, whose: str) -> tuple[Key, ...]:
    """What one caller may take."""
    return (
        Key(f"{at}.requests", "text", f"requests of {whose}: rates, a semicolon between them", example='"100/second"'),
        Key(f"{at}.rows", "text", f"rows of {whose}, written in the same way", example='"10000/minute; 1000000/day"'),
        Key(f"{at}.concurrent", "integer", f"requests of {whose} that are answered at a time", low=1, example="16"),
    )


GUARD_KEYS: Final[tuple[Key, ...]] = (
    Key("server.admin_host", "text", "address that the control plane listens on", default="127.0.0.1"),
    Key(
        "server.hosts", "texts", "names that the server is called by, beside those of this machine itself",
        example='["churn.example"]',
    ),
    Key(
        "server.proxies", "texts", "networks of proxies whose word counts on where a request comes from",
        example='["10.0.0.0/8"]',
    ),
    Key("server.access_log", "boolean", "whether the log has a line for every request", default=False),
    Key(
        "server.audit", "text", "folder of the records of changes and refused requests; the log if absent",
        example='"audit"',
    ),
    Key("server.auth.keys", "text", "file of hashed API keys, which `trimtab key` writes", example='"keys.json"'),
    Key(f"{_TOKENS}.issuer", "text", "who makes the tokens: their `iss`", example='"https://accounts.google.com"'),
    Key(f"{_TOKENS}.audiences", "texts", "whom tokens are for: one of these is in their `aud`", example='["churn"]'),
    Key(
        f"{_TOKENS}.algorithm", "choice", "the one algorithm that they are signed by; RS256 if absent",
        choices=ALGORITHM_NAMES, example='"ES256"',
    ),
    Key(
        f"{_TOKENS}.jwks", "text", "address of the issuer's keys; if absent, the issuer is asked for it",
        example='"https://login.example/keys"',
    ),
    Key(
        f"{_TOKENS}.authorities", "text",
        "certificates, as PEM, that the issuer's own stands below; the system's if absent",
        example='"issuer-ca.pem"',
    ),
    Key(f"{_TOKENS}.leeway", "duration", "how far clocks may be apart; 30s if absent", low=0, example='"30s"'),
    Key(f"{_TOKENS}.subject", "text", "claim that names the caller; `sub` if absent", example='"azp"'),
    Key(f"{_TOKENS}.scopes", "scopes", "what every such caller may", example='["infer:churn-*", "read"]'),
    Key(
        f"{_TOKENS}.roles_claim", "text", "claim with the roles, a path where it is inside others; `roles` if absent",
        example='"realm_access.roles"',
    ),
    Key(f"{_TOKENS}.roles", "roles", "what callers with a role may", example='{ Scorer = ["infer"] }'),
    Key(
        f"{_CERTIFICATES}.authorities", "texts", "certificates, as PEM, that callers' own stand below",
        example='["ca.pem"]',
    ),
    Key(f"{_CERTIFICATES}.scopes", "scopes", "what every caller with such a certificate may", example='["infer"]'),
    Key(
        f"{_CERTIFICATES}.names", "roles", "what callers of a name may: URI, host name, mail address, or common name",
        example='{ "edge-7.example" = ["infer"] }',
    ),
    Key(
        f"{_CERTIFICATES}.required", "boolean", "whether connections without a certificate are refused; not if absent",
        example="true",
    ),
    *_limit_keys("server.limits", "each caller"),
    Key(
        "server.limits.file", "text", "where counts are kept, so that they outlive a restart; in memory if absent",
        example='"quotas.bin"',
    ),
    *_limit_keys(f"server.limits.callers.{ANY}", "callers of that name, in which `*` is any letters"),
)  # fmt: skip
