"""The keys of `[env.NAME]`: what may be released there, what is asked of it, and where and how it runs."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["ENV_KEYS"]

_AT: Final = f"env.{ANY}"

ENV_KEYS: Final[tuple[Key, ...]] = (
    Key(f"{_AT}.after", "text", "environment that the same bundle must be live in before", example='"staging"'),
    Key(
        f"{_AT}.branch", "pattern", "branches that are released here; `*` is any letters but `/`, `**` any letters",
        example='"main"',
    ),
    Key(f"{_AT}.tag", "pattern", "tags that are released here, in place of branches", example='"v*"'),
    Key(
        f"{_AT}.requires", "required", "evidence that must be there, by kind; in a table also how old it may be, and "
        "whether it only warns", example='["golden", { kind = "load", within = "7d", warn_only = true }]',
    ),
    Key(
        f"{_AT}.approvals", "integer", "how many different people of `approvers` must say yes; all of them if absent",
        low=1, high=100, example="2",
    ),
    Key(
        f"{_AT}.approvers", "texts", "who may say yes: names of keys (`ann` for `keys/ann.pub`), or subjects of "
        "certificates", example='["ann", "bob"]',
    ),
    Key(f"{_AT}.approvals_within", "duration", "how long a yes holds; for ever if absent", low=1, example='"7d"'),
    Key(
        f"{_AT}.four_eyes", "boolean", "whether nobody's yes counts for what they release or vouch for themselves",
        default=True,
    ),
    Key(
        f"{_AT}.target", "place", "where it runs: the kind of target, and what that kind wants to know; `local` if "
        "absent", example='{ kind = "local", port = 8081 }',
    ),
    Key(f"{_AT}.host", "text", "address that it is reached at; as the target has it, if absent", example='"0.0.0.0"'),
    Key(f"{_AT}.port", "integer", "port that it is reached at", low=1, high=65535, example="8081"),
    Key(f"{_AT}.image", "text", "repository of images, where the target runs those", example='"r.example/churn"'),
    Key(f"{_AT}.replicas", "integer", "how many copies run", default=1, low=1, high=10_000),
    Key(f"{_AT}.autoscale.least", "integer", "fewest copies", low=0, high=10_000, example="2"),
    Key(f"{_AT}.autoscale.most", "integer", "most copies", low=1, high=10_000, example="8"),
    Key(
        f"{_AT}.autoscale.cpu", "number", "share of `resources.cpu` that is aimed at", default=0.7, low=0.01, high=1,
    ),
    Key(f"{_AT}.resources.cpu", "number", "processors of each copy", low=0.001, example="0.5"),
    Key(f"{_AT}.resources.memory", "size", "memory of each copy", low=2**20, example='"1GiB"'),
    Key(f"{_AT}.variables.{ANY}", "text", "value of a variable of that name in its environment", example='"eu"'),
    Key(
        f"{_AT}.secrets.{ANY}", "secret", "where the value of that variable is, never the secret itself: `env:NAME`, "
        "`file:PATH`, or as the target has it", example='"env:PROD_TOKEN"',
    ),
    Key(f"{_AT}.identity", "text", "whose rights it has on the platform", example='"churn-prod"'),
    Key(f"{_AT}.public", "boolean", "whether it is reached from everywhere", default=False),
    Key(f"{_AT}.telemetry", "text", "where traces and metrics go", example='"http://collector.example:4318"'),
)  # fmt: skip
