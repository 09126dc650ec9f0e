"""A pipeline as a workflow of GitHub Actions, in plain values.

What counts: no rights but those a job names; no value but through a variable of its step; no credentials that stay; a
release is never cancelled by the next one. https://docs.github.com/actions/reference/workflow-syntax-for-github-actions
"""

from __future__ import annotations

from typing import Any, Final, assert_never

from trimtab.release.pipeline.actions import CHECKOUT, DOWNLOAD, LOGIN, PYTHON, UPLOAD
from trimtab.release.pipeline.bindings import Binding, Part, parts_of
from trimtab.release.pipeline.steps import Fetch, Job, Keep, Pipeline, Run, Step, Var, When

__all__ = ["workflow_of"]

_PULL_REQUEST: Final = "github.event_name == 'pull_request'"
_ARTIFACT: Final = "bundle"
_PEM: Final = "SIGNING_KEY_PEM"


def workflow_of(pipeline: Pipeline) -> dict[str, Any]:
    """The whole workflow."""
    shell = {"shell": "bash"} | ({"working-directory": pipeline.folder} if pipeline.folder else {})
    return {
        "name": f"trimtab {pipeline.name}",
        "on": _triggers(pipeline),
        "permissions": {},
        "defaults": {"run": shell},
        "jobs": {job.id: _job(job, pipeline) for job in pipeline.jobs},
    }


def _triggers(pipeline: Pipeline) -> dict[str, Any]:
    branches, tags = _patterns(pipeline.refs, "heads"), _patterns(pipeline.refs, "tags")
    looked_at = _patterns(pipeline.looks, "heads")
    push = ({"branches": branches} if branches else {}) | ({"tags": tags} if tags else {})
    return {"push": push} | ({"pull_request": {"branches": looked_at}} if looked_at else {})


def _patterns(refs: tuple[Binding, ...], where: str) -> list[str]:
    return [one.pattern for one in refs if one.where == where]


def _job(job: Job, pipeline: Pipeline) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": job.title}
    if job.needs:
        plain["needs"] = list(job.needs)
    if job.bound:
        plain["if"] = _condition(job)
    labels = [label.strip() for label in job.runner.split(",")]
    plain |= {"runs-on": labels if len(labels) > 1 else labels[0], "timeout-minutes": job.minutes}
    plain["permissions"] = _permissions(job)
    if job.environment:
        plain["environment"] = job.environment
        group = f"trimtab-{pipeline.name}-{job.environment}"
        plain["concurrency"] = {"group": group, "cancel-in-progress": False}
    else:
        handed = " || ".join(f"steps.{one}.outputs.digest" for one in pipeline.hands)
        plain["outputs"] = {"digest": _expression(handed)}
    plain["steps"] = [*_prepared(job, pipeline), *_steps(job, pipeline)]
    return plain


def _permissions(job: Job) -> dict[str, str]:
    rights = {"contents": "write" if job.writes else "read"}
    if job.connection:
        rights["id-token"] = "write"
    return rights | ({"packages": job.registry} if job.registry else {})


def _condition(job: Job) -> str:
    """For its refs; where a job before it runs for others, it may have been passed over, but not have failed."""
    refs = _any_of(job.bound, wrap=not job.same_refs)
    if job.same_refs:
        return _expression(refs)
    said = ["!cancelled()", *(f"!contains(needs.*.result, '{word}')" for word in ("failure", "cancelled"))]
    return _expression(" && ".join([*said, f"needs.{job.needs[0]}.result == 'success'", refs]))


def _any_of(refs: tuple[Binding, ...], *, wrap: bool) -> str:
    each = [" && ".join(map(_part, parts_of(one))) for one in refs]
    text = " || ".join(f"({one})" if " && " in one and len(each) > 1 else one for one in each)
    return f"({text})" if wrap and len(each) > 1 else text


def _part(part: Part) -> str:
    match part.how:
        case "is":
            return f"github.ref == '{part.text}'"
        case "starts":
            return f"startsWith(github.ref, '{part.text}')"
        case "ends":
            return f"endsWith(github.ref, '{part.text}')"
        case "contains":
            return f"contains(github.ref, '{part.text}')"
        case _:
            assert_never(part.how)


def _when(when: When, pipeline: Pipeline) -> str:
    """The condition of a step; empty for none."""
    packs = _any_of(pipeline.packs, wrap=True)
    match when:
        case "always":
            return ""
        case "packing":
            return _expression(packs)
        case "looking":
            return _expression(f"{_PULL_REQUEST} || {packs}")
        case "taking":
            return _expression(f"!({_PULL_REQUEST} || {packs})")
        case _:
            assert_never(when)


def _prepared(job: Job, pipeline: Pipeline) -> list[dict[str, Any]]:
    """The commit with all its history, and Python; and nothing of earlier runs, but where a job keeps it."""
    checkout = {"fetch-depth": 0, "persist-credentials": job.writes} | ({"clean": False} if job.keeps else {})
    return [
        {"name": "Check out", "uses": CHECKOUT.uses, "with": checkout},
        {"name": "Set up Python", "uses": PYTHON.uses, "with": {"python-version": pipeline.python}},
    ]


def _steps(job: Job, pipeline: Pipeline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    logged_in = False
    for step in job.steps:
        if isinstance(step, Run) and step.cloud and not logged_in:
            found.append(_login())
            logged_in = True
        found.append(_step(step, pipeline))
    return found


def _login() -> dict[str, Any]:
    """Azure for what the job's token of OpenID Connect says; ids, which are no secrets, of the environment."""
    said = {f"{word}-id": _expression(f"secrets.AZURE_{word.upper()}_ID") for word in ("client", "tenant")}
    said["subscription-id"] = _expression("secrets.AZURE_SUBSCRIPTION_ID")
    return {"name": "Log in to Azure", "uses": LOGIN.uses, "with": said}


def _step(step: Step, pipeline: Pipeline) -> dict[str, Any]:
    match step:
        case Run():
            plain: dict[str, Any] = {"name": step.title}
            if step.id:
                plain["id"] = step.id
            if condition := _when(step.when, pipeline):
                plain["if"] = condition
            env = _env(step)
            return plain | ({"env": env} if env else {}) | {"run": step.script}
        case Keep():
            said: dict[str, Any] = {"name": _ARTIFACT, "path": _path(step.file, pipeline)}
            said |= {"if-no-files-found": "error", "compression-level": 0}
            condition = _when(step.when, pipeline)
            plain = {"name": "Keep for the jobs that follow", "uses": UPLOAD.uses, "with": said}
            return {"name": plain.pop("name"), "if": condition, **plain} if condition else plain
        case Fetch():
            into = {"name": _ARTIFACT} | ({"path": pipeline.folder} if pipeline.folder else {})
            return {"name": "Fetch what was kept", "uses": DOWNLOAD.uses, "with": into}
        case _:
            assert_never(step)


def _path(file: str, pipeline: Pipeline) -> str:
    return f"{pipeline.folder}/{file}" if pipeline.folder else file


def _env(step: Run) -> dict[str, str]:
    """The variables; a key is in one of its own, which the first names."""
    env = {var.name: _value(var) for var in step.env}
    keys = [var.value for var in step.env if var.kind == "key"]
    return env | ({_PEM: _expression(f"secrets.{keys[0]}")} if keys else {})


def _value(var: Var) -> str:
    match var.kind:
        case "text":
            return var.value
        case "secret":
            return _expression(f"secrets.{var.value}")
        case "digest":
            return _expression("needs.check.outputs.digest")
        case "commit":
            return _expression("github.sha")
        case "actor":
            return _expression("github.actor")
        case "token":
            return _expression("github.token")
        case "key":
            return f"env:{_PEM}"
        case _:
            assert_never(var.kind)


def _expression(text: str) -> str:
    return "${{ " + text + " }}"
