"""The keys of `[check]`: what a bundle is checked for before it is released."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["CHECK_KEYS", "DIRECTION_NAMES", "SEVERITY_NAMES", "UNKNOWN_NAMES"]

# Spelled out, as the other names are; a test compares them.
DIRECTION_NAMES: Final = ("up", "down")
SEVERITY_NAMES: Final = ("low", "medium", "high", "critical")
UNKNOWN_NAMES: Final = ("allow", "warn", "deny")
_INVARIANT: Final = f"check.invariant.{ANY}"

CHECK_KEYS: Final[tuple[Key, ...]] = (
    Key("check.tests", "text", "folder or file of the project's own tests, which pytest runs", example='"tests"'),
    Key("check.timeout", "duration", "longest that these tests may take", default="10m", low=1),
    Key("check.held", "text", "rows that the model was not trained on, with their truth", example='"held.parquet"'),
    Key("check.truth", "text", "column of these rows that says what turned out to be so", example='"churned"'),
    Key("check.output", "text", "output that is held against it; the only one if absent", example='"probability"'),
    Key(
        "check.metric", "text", "how good answers are: `auc`, `accuracy`, `logloss`, `rmse`, `mae`, or a function "
        "`module:function` of truth and answers, the larger the better", example='"auc"',
    ),
    Key(
        "check.baseline", "yardstick", "what the model must be better than: a number, or a function `module:function` "
        "of the rows that answers them; the best constant answer if absent", example="0.71",
    ),
    Key("check.groups", "texts", "columns of the held rows whose groups are looked at one by one", example='["plan"]'),
    Key(
        "check.weak", "number", "most by which a group may be worse than all rows together, by the metric", default=0.1,
        low=0,
    ),
    Key("check.minimum", "integer", "least rows of a group, and of held rows, that say anything", default=50, low=2),
    Key("check.seconds", "duration", "how long a server of the bundle is asked", default="5s", low=0.1),
    Key("check.connections", "integer", "how many ask it at once", default=4, low=1, high=1000),
    Key(
        "check.severity", "choice", "known vulnerabilities from here on are refused", default="high",
        choices=SEVERITY_NAMES,
    ),
    Key(
        "check.accept", "texts", "identifiers of known vulnerabilities that are accepted", example='["CVE-2026-0001"]',
    ),
    Key(
        "check.shared", "texts", "settings that may be the same in two environments, such as `variables.REGION_URL`",
        example='["server.auth.tokens.staff.issuer"]',
    ),
    Key(
        f"check.monotone.{ANY}", "choice", "whether the answer may only go `up`, or `down`, where this input grows",
        choices=DIRECTION_NAMES, example='"down"',
    ),
    Key(
        f"{_INVARIANT}.columns", "texts", "inputs that the answer must not depend on: other rows' values are put there",
        example='["gender"]',
    ),
    Key(f"{_INVARIANT}.within", "number", "most by which an answer may change all the same", default=0.0, low=0),
    Key(
        "check.sbom.deny_licences", "texts", "licences that no part may have, as SPDX identifiers with `*`",
        example='["AGPL-*", "GPL-3.0-only"]',
    ),
    Key("check.sbom.deny_packages", "texts", "parts that must not be there, by name", example='["setuptools"]'),
    Key("check.sbom.require_hashes", "boolean", "whether every distribution has a hash", default=True),
    Key(
        "check.sbom.unknown", "choice", "a part that declares no licence: taken, said, or refused", default="warn",
        choices=UNKNOWN_NAMES,
    ),
)  # fmt: skip
