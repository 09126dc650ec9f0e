"""Packages a model: validate, open, record, save, prove, lock, prove again, keep. What fails leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from trimtab.bundle.discover import Discovery, discover
from trimtab.bundle.gather import gather, record, running_user_code
from trimtab.bundle.golden import write_golden
from trimtab.bundle.local import Project, importing, loaded_modules, project_of
from trimtab.bundle.lockstep import lock_and_prove
from trimtab.bundle.manifest import Manifest, Source, signature_to_plain
from trimtab.bundle.modelsource import ModelSource, find_source, modules_of
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.bundle.recipe import Recipe, included, recipe_faults
from trimtab.bundle.source import commit_of, data_digests
from trimtab.bundle.store import LATEST, Store
from trimtab.core.errors import UserError
from trimtab.core.signature import Signature

__all__ = ["Recipe", "Say", "package"]

Say: TypeAlias = Callable[[str, str], None]


def package(recipe: Recipe, store: Store, say: Say = lambda topic, text: None) -> Bundle:
    """The bundle of the recipe, proved and in the store, tagged `latest`.

    say: is told a topic and a text as each part is done. Raises UserError for what is wrong with the recipe or the code
    it names (all that can be seen at once), RefusedError when the proof fails, OutsideError when requirements
    cannot be locked.
    """
    source = _source(recipe)
    project = project_of(recipe.root, source.code)
    with store.staging() as stage:
        draft, start = _stage(recipe, source, project, stage, say)
        found = discover(stage, draft, start, project, included(recipe.root, recipe.include))
        locked = lock_and_prove(stage, found, recipe, project)
        say("golden", f"{locked.proof.rows} rows replayed, largest difference {locked.proof.worst:g}")
        for name, place in locked.unused.items():
            say("not locked", f"`{name}`, which no golden row made {place} import")
        digest = store.add(stage)
    store.tag(recipe.name, LATEST, digest)
    bundle = store.resolve(f"{recipe.name}@{digest}")
    say("built", _summary(bundle, len(locked.pins)))
    return bundle
