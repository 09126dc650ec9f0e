"""The pipeline of a project, as a story: check once, then the same bytes from environment to environment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from trimtab.release.environments import Environment
from trimtab.release.pipeline.bindings import bindings_of
from trimtab.release.pipeline.steps import Fetch, Job, Keep, Pipeline, Run, Step, Var
from trimtab.release.pipeline.wishes import Subject, Wishes, is_hosted

__all__ = ["CHECK", "CLOUD_KINDS", "HERE", "KEPT", "ancestors", "pipeline_of"]

CHECK: Final = "check"  # the first job
KEPT: Final = "bundle.tar"  # a bundle on its way between jobs, where no registry has it
CLOUD_KINDS: Final = frozenset({"azureml", "azureml_batch", "functions", "logic_apps", "ai_search", "iot_edge", "arc"})
HERE: Final = frozenset({"local", "container"})  # targets that run on the machine that releases
_DIGEST: Final = Var("DIGEST", "digest")
_OWN_REGISTRY: Final = "ghcr.io/"  # where GitHub's own token counts


def pipeline_of(subject: Subject, wishes: Wishes) -> Pipeline:
    """The pipeline; the subject is as `check_pipeline` lets it be."""
    bound = {one.name: bindings_of(one.branch, one.tag) for one in subject.environments}
    refs = tuple(dict.fromkeys(binding for bindings in bound.values() for binding in bindings))
    roots = tuple(dict.fromkeys(b for one in subject.environments if not one.after for b in bound[one.name]))
    taken = [binding for binding in refs if binding not in roots]
    names = _ids([one.name for one in subject.environments])
    first = _first(subject, wishes, taking=bool(taken))
    jobs = [first, *(_release(one, subject, wishes, names) for one in subject.environments)]
    hands = tuple(step.id for step in first.steps if isinstance(step, Run) and step.id)
    looks = tuple(b for b in roots if b.where == "heads" and is_hosted(wishes.runner))
    return Pipeline(subject.name, wishes.python, subject.folder, refs, roots, looks, tuple(jobs), hands)


def ancestors(environment: Environment, environments: Sequence[Environment]) -> tuple[Environment, ...]:
    """The environments before it, first to last; a circle ends where it closes."""
    named = {one.name: one for one in environments}
    found: list[Environment] = []
    at = named.get(environment.after)
    while at is not None and at not in found and at is not environment:
        found.insert(0, at)
        at = named.get(at.after)
    return tuple(found)


def _ids(names: Sequence[str]) -> dict[str, str]:
    """Names of jobs that both services take, one for each environment: letters, digits and `_`."""
    found: dict[str, str] = {}
    for name in names:
        plain = "release_" + re.sub(r"[^a-z0-9]", "_", name)
        same = sum(1 for other in found.values() if other == plain or other.startswith(f"{plain}__"))
        found[name] = f"{plain}__{same + 1}" if same else plain
    return found


def _first(subject: Subject, wishes: Wishes, *, taking: bool) -> Job:
    steps: list[Step] = [_install(wishes), Run("Is this file up to date", "trimtab pipeline --check")]
    steps.append(Run("Package", "trimtab package --hand-on", id="package", when="looking"))
    if wishes.key:
        sign = 'trimtab sign --key "$SIGNING_KEY"'
        steps.append(Run("Sign", sign, (Var("SIGNING_KEY", "key", wishes.key),), when="packing"))
    steps.append(Run("Check", "trimtab check", when="packing"))  # signed, as `[trust]` may want it of what is loaded
    if subject.registry:
        env = (*_registry_env(subject), Var("COMMIT", "commit"))
        push = f'trimtab push {subject.name} "$REGISTRY:git-$COMMIT"'
        steps.append(Run("Push", push, env, when="packing"))
        if taking:
            pull = 'trimtab pull "$REGISTRY:git-$COMMIT" --hand-on'
            steps.append(Run("Take what was packaged from this commit", pull, env, "pull", "taking"))
    else:
        steps += [Run("Save", f"trimtab save -o {KEPT}", when="packing"), Keep(KEPT)]
    return Job(
        CHECK, "check", tuple(steps), wishes.runner, _minutes(wishes),
        registry="write" if _own_registry(subject) else "", keeps=_keeps(wishes.runner, subject, wishes),
    )  # fmt: skip


def _release(environment: Environment, subject: Subject, wishes: Wishes, ids: dict[str, str]) -> Job:
    before = ancestors(environment, subject.environments)
    bound = bindings_of(environment.branch, environment.tag)
    connection = wishes.connections.get(environment.name, "")
    cloud = bool(connection) or environment.target.kind in CLOUD_KINDS
    bundle = f'"{subject.name}@$DIGEST"'
    by = " --by commit" if wishes.by == "commit" else ""
    key = (Var("SIGNING_KEY", "key", wishes.key),) if wishes.key else ()
    signing = ' --key "$SIGNING_KEY"' if wishes.key else ""
    env = (_DIGEST, *_secrets(environment))
    name = environment.name
    steps = [
        _install(wishes),
        *_brought(subject),
        Run("Check", f"trimtab check {bundle} --for {name}{signing}", (_DIGEST, *key), cloud=cloud),
        Run("Release", f"trimtab release {bundle} --to {name}{by}", env, cloud=cloud),
        Run("History", f"trimtab history {name}"),
    ]
    runner = wishes.runners.get(name, wishes.runner)
    return Job(
        ids[name], name, tuple(steps), runner, _minutes(wishes), name,
        (CHECK, *(ids[one.name] for one in before)), bound,
        same_refs=all(bindings_of(one.branch, one.tag) == bound for one in before),
        writes=subject.record == "git", registry="read" if _own_registry(subject) else "",
        connection=(connection or f"trimtab-{name}") if cloud else "", keeps=_keeps(runner, subject, wishes),
    )  # fmt: skip


def _keeps(runner: str, subject: Subject, wishes: Wishes) -> bool:
    """Whether what runs there may have its folder in the checkout of an earlier job."""
    here = wishes.by == "apply" and any(one.target.kind in HERE for one in subject.environments)
    return here and not is_hosted(runner)


def _install(wishes: Wishes) -> Run:
    pip = "python -m pip install --disable-pip-version-check --no-input --no-cache-dir"
    return Run("Install", f"{pip} --require-hashes -r {wishes.requirements}")


def _brought(subject: Subject) -> tuple[Step, ...]:
    """The bundle that the first job handed on, by its digest."""
    if subject.registry:
        env = (*_registry_env(subject), _DIGEST)
        return (Run("Pull", 'trimtab pull "$REGISTRY@$DIGEST"', env),)
    return (Fetch(KEPT), Run("Load", f"trimtab load {KEPT}"))


def _registry_env(subject: Subject) -> tuple[Var, ...]:
    place = Var("REGISTRY", "text", subject.registry)
    if _own_registry(subject):
        return (place, Var("TRIMTAB_REGISTRY_USER", "actor"), Var("TRIMTAB_REGISTRY_PASSWORD", "token"))
    names = ("TRIMTAB_REGISTRY_USER", "TRIMTAB_REGISTRY_PASSWORD")
    return (place, *(Var(name, "secret", name) for name in names))


def _own_registry(subject: Subject) -> bool:
    return subject.registry.startswith(_OWN_REGISTRY)


def _secrets(environment: Environment) -> tuple[Var, ...]:
    """The variables that `env:NAME` of the environment's secrets reads, from the service's secrets of that name."""
    named = [one.source.removeprefix("env:") for one in environment.secrets if one.source.startswith("env:")]
    return tuple(Var(name, "secret", name) for name in dict.fromkeys(named))


def _minutes(wishes: Wishes) -> int:
    return max(1, round(wishes.timeout_s / 60))
