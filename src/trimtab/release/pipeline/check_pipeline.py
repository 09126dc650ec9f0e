"""What stands in the way of a pipeline, all of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trimtab.core.errors import Problem
from trimtab.release.environments import Environment
from trimtab.release.pipeline.bindings import bindings_of
from trimtab.release.pipeline.story import HERE
from trimtab.release.pipeline.wishes import Subject, Wishes, is_hosted

__all__ = ["check_pipeline"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOLDER: Final = re.compile(r"[A-Za-z0-9._/-]*")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9.:/_-]*")


def check_pipeline(subject: Subject, wishes: Wishes) -> tuple[Problem, ...]:
    """P495 what no pipeline can hold; P496 what would be lost between two of its jobs."""
    if not subject.environments:
        hint = '`[env.prod]` with `branch = "main"` is one'
        return (Problem("P495", "no environment that a pipeline could release to", "trimtab.toml", hint),)
    problems = [problem for one in subject.environments for problem in _of_one(one, wishes)]
    return (*problems, *_between(subject))


def _of_one(environment: Environment, wishes: Wishes) -> Iterator[Problem]:
    at = f"trimtab.toml env.{environment.name}"
    bindings = bindings_of(environment.branch, environment.tag)
    if not bindings:
        what = f"`{environment.name}` is bound to no branch and no tag: nothing says when a pipeline releases to it"
        yield Problem("P495", what, at, '`branch = "main"`, or `tag = "v*"`')
    for binding in bindings:
        if not binding.sayable:
            what = f"`{binding.pattern}` has letters that mean something else in a pipeline"
            yield Problem("P495", what, at, "letters, digits, `.`, `_`, `-`, `/` and `*` mean the same everywhere")
    for secret in environment.secrets:
        name = secret.source.removeprefix("env:")
        if secret.source.startswith("env:") and not _VARIABLE.fullmatch(name):
            yield Problem("P495", f"`{name}` is no name of a secret of a pipeline", f"{at}.secrets.{secret.name}")
    runner = wishes.runners.get(environment.name, wishes.runner)
    if environment.target.kind in HERE and wishes.by == "apply" and is_hosted(runner):
        what = f"`{environment.name}` runs on the machine that releases to it, and `{runner}` is gone after its job"
        hint = f'`[pipeline.runners]` with `{environment.name} = "self-hosted"`, or `by = "commit"` in `[pipeline]`'
        yield Problem("P496", what, at, hint)


def _between(subject: Subject) -> Iterator[Problem]:
    if not _FOLDER.fullmatch(subject.folder):
        what = f"the folder `{subject.folder}` has letters that mean something else in a pipeline"
        yield Problem("P495", what, "trimtab.toml", "letters, digits, `.`, `_`, `-` and `/` mean the same everywhere")
    if not _REPOSITORY.fullmatch(subject.registry):
        yield Problem("P495", f"`{subject.registry}` is no repository of a registry", "trimtab.toml release.registry")
    roots = {b for one in subject.environments if not one.after for b in bindings_of(one.branch, one.tag)}
    late = [one for one in subject.environments if set(bindings_of(one.branch, one.tag)) - roots]
    if late and not subject.registry:
        what = f"`{late[0].name}` is released by another run than the one that packages, which hands it no bundle"
        hint = '`registry = "registry.example/churn"` in `[release]`, or the same `branch` or `tag` as the first'
        yield Problem("P496", what, f"trimtab.toml env.{late[0].name}", hint)
    if subject.record != "git":
        what = "the record of releases is a folder, which a runner loses with its job"
        yield Problem("P496", what, "trimtab.toml release.record", '`record = "git"` in `[release]`')
