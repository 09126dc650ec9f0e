"""A pipeline as a file of Azure Pipelines, in plain values.

Each stage has one job: a deployment job where it releases, so that the approvals and the exclusive lock of its
environment hold. https://learn.microsoft.com/azure/devops/pipelines/yaml-schema
"""

from __future__ import annotations

from typing import Any, Final, assert_never

from trimtab.release.pipeline.bindings import Binding, Part, parts_of
from trimtab.release.pipeline.steps import Fetch, Job, Keep, Pipeline, Run, Step, Var, When
from trimtab.release.pipeline.wishes import is_hosted

__all__ = ["stages_of"]

_REF: Final = "variables['Build.SourceBranch']"
_PULL_REQUEST: Final = "eq(variables['Build.Reason'], 'PullRequest')"
_ARTIFACT: Final = "bundle"


def stages_of(pipeline: Pipeline) -> dict[str, Any]:
    """The whole file."""
    branches, tags = _patterns(pipeline.refs, "heads"), _patterns(pipeline.refs, "tags")
    looked_at = _patterns(pipeline.looks, "heads")
    trigger: dict[str, Any] = {"branches": {"include": branches} if branches else {"exclude": ["*"]}}
    return {
        "name": f"trimtab-{pipeline.name}-$(Build.BuildId)",
        "trigger": trigger | ({"tags": {"include": tags}} if tags else {}),
        "pr": {"branches": {"include": looked_at}} if looked_at else "none",
        "lockBehavior": "sequential",
        "stages": [_stage(job, pipeline) for job in pipeline.jobs],
    }


def _patterns(refs: tuple[Binding, ...], where: str) -> list[str]:
    return [one.pattern for one in refs if one.where == where]


def _stage(job: Job, pipeline: Pipeline) -> dict[str, Any]:
    plain: dict[str, Any] = {"stage": job.id, "displayName": job.title, "dependsOn": list(job.needs)}
    if job.bound:
        plain["condition"] = _condition(job)
        plain["variables"] = {"digest": _digest(pipeline)}
    steps = [*_prepared(job, pipeline), *(_step(step, job, pipeline) for step in job.steps)]
    where: dict[str, Any] = {"displayName": job.title, "pool": _pool(job.runner), "timeoutInMinutes": str(job.minutes)}
    if job.environment:
        strategy = {"runOnce": {"deploy": {"steps": steps}}}
        work: dict[str, Any] = {"deployment": job.id, **where, "environment": job.environment, "strategy": strategy}
    else:
        work = {"job": job.id, **where, "steps": steps}
    return plain | {"jobs": [work]}


def _digest(pipeline: Pipeline) -> str:
    first = pipeline.jobs[0].id
    said = [f"stageDependencies.{first}.{first}.outputs['{one}.digest']" for one in pipeline.hands]
    return f"$[ coalesce({', '.join(said)}) ]" if len(said) > 1 else f"$[ {said[0]} ]"


def _pool(runner: str) -> dict[str, str]:
    return {"vmImage" if is_hosted(runner) else "name": runner}


def _condition(job: Job) -> str:
    """For its refs; where a stage before it runs for others, it may have been passed over, but not have failed."""
    refs = _any_of(job.bound)
    if job.same_refs:
        return f"and(succeeded(), {refs})"
    first, *others = job.needs
    good = "'Succeeded', 'SucceededWithIssues'"
    asked = [f"in(dependencies.{first}.result, {good})"]
    asked += [f"in(dependencies.{one}.result, {good}, 'Skipped')" for one in others]
    return f"and(not(canceled()), {', '.join(asked)}, {refs})"


def _any_of(refs: tuple[Binding, ...]) -> str:
    each = [_all(tuple(map(_part, parts_of(one)))) for one in refs]
    return f"or({', '.join(each)})" if len(each) > 1 else each[0]


def _all(parts: tuple[str, ...]) -> str:
    return f"and({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _part(part: Part) -> str:
    match part.how:
        case "is":
            return f"eq({_REF}, '{part.text}')"
        case "starts":
            return f"startsWith({_REF}, '{part.text}')"
        case "ends":
            return f"endsWith({_REF}, '{part.text}')"
        case "contains":
            return f"contains({_REF}, '{part.text}')"
        case _:
            assert_never(part.how)


def _when(when: When, pipeline: Pipeline) -> dict[str, str]:
    """The condition of a step, if it has one."""
    packs = _any_of(pipeline.packs)
    match when:
        case "always":
            return {}
        case "packing":
            return {"condition": f"and(succeeded(), {packs})"}
        case "looking":
            return {"condition": f"and(succeeded(), or({_PULL_REQUEST}, {packs}))"}
        case "taking":
            return {"condition": f"and(succeeded(), not(or({_PULL_REQUEST}, {packs})))"}
        case _:
            assert_never(when)


def _prepared(job: Job, pipeline: Pipeline) -> list[dict[str, Any]]:
    """The commit with all its history, Python, the key where one signs; of earlier runs only what a job keeps."""
    checkout = {
        "checkout": "self", "clean": "false" if job.keeps else "true", "fetchDepth": "0", "fetchTags": "true",
        "persistCredentials": "true" if job.writes else "false",
    }  # fmt: skip  # texts: so the published schema wants them
    steps: list[dict[str, Any]] = [checkout]
    if job.environment:  # where the service would fetch all artifacts by itself
        steps.append({"download": "none"})
    python = {"task": "UsePythonVersion@0", "displayName": "Set up Python", "inputs": {"versionSpec": pipeline.python}}
    keys = dict.fromkeys(
        (var.value, step.when) for step in job.steps if isinstance(step, Run) for var in step.env if var.kind == "key"
    )
    files = [
        {
            "task": "DownloadSecureFile@1", "name": "signing", "displayName": "Fetch the signing key",
            **_when(when, pipeline), "inputs": {"secureFile": key},
        }
        for key, when in keys
    ]  # fmt: skip
    return [*steps, python, *files]


def _step(step: Step, job: Job, pipeline: Pipeline) -> dict[str, Any]:
    match step:
        case Run(cloud=True):
            inputs = {
                "azureSubscription": job.connection, "scriptType": "bash", "scriptLocation": "inlineScript",
                "inlineScript": step.script,
            }  # fmt: skip
            inputs |= {"workingDirectory": pipeline.folder} if pipeline.folder else {}
            return {"task": "AzureCLI@2", "displayName": step.title, "inputs": inputs, **_env(step)}
        case Run():
            plain: dict[str, Any] = {"bash": step.script}
            plain |= {"name": step.id} if step.id else {}
            plain |= {"displayName": step.title, **_when(step.when, pipeline)}
            plain |= {"workingDirectory": pipeline.folder} if pipeline.folder else {}
            return plain | _env(step)
        case Keep():
            path = f"{pipeline.folder}/{step.file}" if pipeline.folder else step.file
            title = "Keep for the stages that follow"
            return {"publish": path, "artifact": _ARTIFACT, "displayName": title, **_when(step.when, pipeline)}
        case Fetch():
            inputs = {"artifactName": _ARTIFACT, "targetPath": f"$(Build.SourcesDirectory)/{pipeline.folder}"}
            return {"task": "DownloadPipelineArtifact@2", "displayName": "Fetch what was kept", "inputs": inputs}
        case _:
            assert_never(step)


def _env(step: Run) -> dict[str, Any]:
    env = {var.name: _value(var) for var in step.env}
    return {"env": env} if env else {}


def _value(var: Var) -> str:
    match var.kind:
        case "text":
            return var.value
        case "secret":
            return f"$({var.value})"
        case "digest":
            return "$(digest)"
        case "commit":
            return "$(Build.SourceVersion)"
        case "actor":
            return "$(TRIMTAB_REGISTRY_USER)"
        case "token":
            return "$(TRIMTAB_REGISTRY_PASSWORD)"
        case "key":
            return "$(signing.secureFilePath)"
        case _:
            assert_never(var.kind)
