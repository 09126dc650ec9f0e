"""Projects, as values, that pipelines are rendered from."""

from __future__ import annotations

from trimtab.core.deployment import Secret
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.wishes import Subject, Wishes

__all__ = ["CASES", "TAGGED", "WISHES"]

DEV = Environment("dev", branch="main", target=Place("kubernetes"))
STAGING = Environment(
    "staging", after="dev", branch="main", target=Place("kubernetes"), secrets=(Secret("TOKEN", "env:STAGING_TOKEN"),)
)
PROD = Environment("prod", after="staging", tag="v*", approvals=1, approvers=("ann", "bob"), target=Place("azureml"))
PATTERNS = Environment("pre-view", branch="release/*/hot-*", target=Place("kubernetes"))
OWN = "ghcr.io/example/churn"
WISHES = Wishes(key="SIGNING", connections={"staging": "ml staging (eu)"})
TAGGED = Subject("churn", (DEV, STAGING, PROD), "git", "registry.example/churn")
CASES = {
    "two environments, no registry": (Subject("churn", (DEV, STAGING), "git"), Wishes()),
    "prod by tag": (TAGGED, WISHES),
    "in a folder": (Subject("churn", (DEV, STAGING, PROD), "git", OWN, "models/churn"), WISHES),
    "in a folder, no registry": (Subject("churn", (DEV,), "git", folder="models/churn"), WISHES),
    "tags alone": (Subject("churn", (Environment("prod", tag="v*", target=Place("functions")),), "git"), Wishes()),
    "patterns": (Subject("churn", (DEV, PATTERNS), "git", OWN), Wishes(by="commit", timeout_s=90.0)),
    "own machines": (Subject("churn", (DEV,), "git"), Wishes(runner="self-hosted,linux")),
}
