"""Packages a model: validate, open, record, save, prove, lock, prove again, search, keep. What fails leaves nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from trimtab.bundle.code.local import Project, importing, loaded_modules, project_of
from trimtab.bundle.compiled.story import prover, settle, tried_in
from trimtab.bundle.flavours import output_classes
from trimtab.bundle.golden import write_golden
from trimtab.bundle.lock.step import Locked, lock_and_prove
from trimtab.bundle.making.discover import Discovery, discover
from trimtab.bundle.making.gather import Parts, gather, record, running_user_code
from trimtab.bundle.making.model import ModelSource, find_source, modules_of
from trimtab.bundle.making.personal import personal_lines, suggestions_for
from trimtab.bundle.making.recipe import Recipe, included, recipe_faults
from trimtab.bundle.making.source import commit_of, data_digests
from trimtab.bundle.manifest import Manifest, Source, signature_to_plain
from trimtab.bundle.privacy.file import write_privacy
from trimtab.bundle.read import Bundle
from trimtab.bundle.sbom.write import write_sbom
from trimtab.bundle.secrets.project import find_kept_out, kept_out_lines
from trimtab.bundle.secrets.stage import Searched, search_stage
from trimtab.bundle.store import LATEST, Store
from trimtab.bundle.trust.origin import Record, keep_origin
from trimtab.core.errors import TrimtabError, UserError
from trimtab.core.table import Table

__all__ = ["Recipe", "Say", "package"]

Say: TypeAlias = Callable[[str, str], None]
_DIGITS = 8


def package(recipe: Recipe, store: Store, say: Say = lambda _topic, _text: None) -> Bundle:
    """The bundle of the recipe, proved and in the store, tagged `latest`.

    say: is told a topic and a text as each part is done. Raises UserError for what is wrong with the recipe or the code
    that it names (all that can be seen at once), RefusedError when the proof fails, OutsideError when the requirements
    cannot be locked.
    """
    source = _source(recipe)
    project = project_of(recipe.root, source.code)
    with store.staging() as stage:
        draft, start, sample = _stage(stage, recipe, source, project, say)
        prove = prover(recipe, draft.flavour, sample)
        found = discover(stage, draft, start, project, included(recipe.root, recipe.include), prove)
        searched = _without_secrets(stage, recipe, store, found, say)
        locked = lock_and_prove(stage, found, recipe.lock, project)
        _say_locked(say, locked, project)
        costs = None
        if recipe.compile:
            said, costs = settle(stage, tried_in(stage, found), found, recipe.lock, project)
            say("compiled", said)
        write_sbom(stage)
        for name in search_stage(stage, searched).cut:
            say("unsearched", f"`{name}` was not searched to its end for secrets")
        digest = store.add(stage)
    keep_origin(store.root, digest, Record("packaged"))
    if costs is not None:
        store.measured(digest, costs)
    store.tag(recipe.name, LATEST, digest)
    bundle = store.resolve(f"{recipe.name}@{digest}")
    say("built", _summary(bundle, len(locked.pins)))
    return bundle


def _source(recipe: Recipe) -> ModelSource:
    """What the recipe's model is; raises UserError with every fault that can be seen without running anything."""
    problems = recipe_faults(recipe)
    try:
        source = find_source(recipe)
    except TrimtabError as error:
        known = {problem.where for problem in problems}
        problems += [problem for problem in error.problems if problem.where not in known]
    if problems:
        raise UserError(*problems)
    return source


def _without_secrets(stage: Path, recipe: Recipe, store: Store, found: Discovery, say: Say) -> Searched:
    """Name what in the project folder is secret and stays out; raises UserError for secrets that would be packed."""
    packed = [*found.closure.files.values(), *included(recipe.root, recipe.include).values()]
    packed += [recipe.model] if isinstance(recipe.model, Path) else []
    kept, budget = find_kept_out(recipe.root.resolve(), store.root.resolve())
    for line in kept_out_lines(kept, {path.resolve() for path in packed}, budget):
        say("kept out", line)
    return search_stage(stage)


def _say_locked(say: Say, locked: Locked, project: Project) -> None:
    say("golden", f"{locked.proof.rows} rows replayed, largest difference {locked.proof.worst}")
    for name, place in locked.unused.items():
        say("unlocked", f"`{name}`, imported at {_short(place, project)}, which no golden row reached")
    if locked.unwritten:
        say("unlocked", locked.unwritten)


def _stage(
    stage: Path, recipe: Recipe, source: ModelSource, project: Project, say: Say
) -> tuple[Manifest, frozenset[str], Table]:
    """Open everything here, write model, golden rows and what may be logged.

    Returns the draft of the manifest, the local modules, and the rows of the sample.
    """
    kept = modules_of(source.source)
    tops = {name.partition(".")[0] for name in kept}
    with importing(project, tops):
        parts = gather(recipe, source, project)
        with running_user_code("the model cannot be saved", project, recipe.limits.step_s):
            options = _save(stage / "model", parts, source)
        signature, golden = record(recipe, parts, project, output_classes(options))
        start = frozenset({*loaded_modules(project, tops), *(name for name in kept if _is_local(name, project))})
    _say_signature(say, parts, str(signature))
    suggestions = suggestions_for(recipe, parts.rows, signature, golden)
    for line in personal_lines(suggestions, signature, parts.rows):
        say("privacy", line)
    write_privacy(suggestions, stage)
    commit = commit_of(recipe.root)
    draft = Manifest(
        name=recipe.name,
        flavour=parts.flavour.name,
        signature=signature_to_plain(signature),
        files={},
        options=options,
        prepare=recipe.prepare,
        golden=write_golden(golden, stage, signature, recipe.name),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        source=Source(commit.name, commit.dirty, data_digests(recipe.data, recipe.root), dict(recipe.metrics)),
    )
    return draft, start, parts.rows.table


def _save(folder: Path, parts: Parts, source: ModelSource) -> dict[str, Any]:
    """Write the model's files; a model that is all code has none, and a bundle has no empty folders."""
    folder.mkdir()
    options = parts.flavour.save(source.source, folder, source.method)
    if not any(folder.iterdir()):
        folder.rmdir()
    return options


def _is_local(name: str, project: Project) -> bool:
    top = name.partition(".")[0]
    return top not in ("__main__", "builtins", "trimtab") and project.find(top) is not None


def _say_signature(say: Say, parts: Parts, signature: str) -> None:
    say("signature", signature)
    if parts.rows.invented:
        say("golden", f"no sample was given: {parts.rows.table.height} rows made up from the model's own inputs")


def _short(place: str, project: Project) -> str:
    return place.removeprefix(f"{project.root}/")


def _summary(bundle: Bundle, requirements: int) -> str:
    """`churn@sha256:9f2c41d0  sklearn, 38 requirements, 11.4 MB`."""
    algorithm, _, digits = bundle.digest.partition(":")
    size = sum(entry.size for entry in bundle.manifest.files.values()) / 1e6
    noun = "requirement" if requirements == 1 else "requirements"
    short = f"{bundle.name}@{algorithm}:{digits[:_DIGITS]}"
    return f"{short}  {bundle.manifest.flavour}, {requirements} {noun}, {size:.1f} MB"
