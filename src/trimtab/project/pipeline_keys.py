"""The keys of `[pipeline]`: what the pipelines of GitHub Actions and Azure Pipelines are made of."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import ANY, Key

__all__ = ["PIPELINE_KEYS"]

PIPELINE_KEYS: Final[tuple[Key, ...]] = (
    Key(
        "pipeline.kinds", "texts", "which are written: `github`, `azure` or both; `github` if absent",
        example='["github", "azure"]',
    ),
    Key(
        "pipeline.runner", "text", "the machine that jobs run on: an image of the service, labels of own runners with "
        "commas between (GitHub) or an own pool (Azure)", default="ubuntu-24.04", example='"self-hosted,gateway"',
    ),
    Key(
        f"pipeline.runners.{ANY}", "text", "another machine for the environment of that name, as one that it runs on",
        example='"self-hosted"',
    ),
    Key("pipeline.python", "text", "version of Python", default="3.11"),
    Key(
        "pipeline.requirements", "text", "hashed lock that jobs install trimtab, and what the model needs, from",
        default="requirements/release.txt",
    ),
    Key(
        "pipeline.key", "text", "secret (GitHub) or secure file (Azure) with the private key, PEM, that signs bundles "
        "and evidence; nothing is signed by it if absent", example='"TRIMTAB_KEY"',
    ),
    Key(
        "pipeline.by", "choice", "whether a release changes what runs (`apply`), or only writes what is wanted into "
        "git (`commit`)", default="apply", choices=("apply", "commit"),
    ),
    Key("pipeline.timeout", "duration", "longest time of a job", default="1h", low=60),
    Key(
        f"pipeline.connections.{ANY}", "text", "Azure service connection, with workload identity federation, of the "
        "environment of that name, which is then logged in to Azure; `trimtab-NAME` where its target is Azure's, if "
        "absent", example='"ml-prod"',
    ),
)  # fmt: skip
