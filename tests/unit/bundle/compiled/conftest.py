"""Compiles a model in memory, as packaging does, and holds the form against it without another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from trimtab.bundle.compiled.attempt import Attempt, attempt
from trimtab.bundle.compiled.certificate import Found
from trimtab.bundle.compiled.trial import read_trials
from trimtab.bundle.compiled.versus import versus
from trimtab.bundle.data.compose import compose
from trimtab.bundle.data.outputs import fields_of
from trimtab.bundle.engines.load import joined, load_engine
from trimtab.bundle.flavours import detect_flavour
from trimtab.bundle.making.gather import Parts
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import Rows
from trimtab.bundle.predictor import Model
from trimtab.bundle.sample.read import read_sample
from trimtab.core.signature import Signature

TOLERANCE = (1e-6, 1e-9)


@dataclass
class Compiled:
    """An attempt, and how to hold its model (or a broken one in its place) against the original."""

    tried: Attempt
    signature: Signature

    @property
    def model(self) -> Model:
        return load_engine(self.tried.folder, self.tried.plan)

    def versus(self, model: Model | None = None) -> Found:
        (trial,) = read_trials(self.tried.trials)
        signature = replace(self.signature, container=self.tried.plan.container)
        return versus(trial, joined(signature, None, model or self.model), TOLERANCE)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Compiled]:
    """compiled(model, sample, method="", rows=2000): the attempt for a model without preparation."""

    def make(model: Any, sample: Any, method: str = "", rows: int = 2000) -> Compiled:
        tmp_path = tmp_path_factory.mktemp("compiled")
        flavour = detect_flavour(model)
        opened = flavour.open(model, method)
        (tmp_path / "model").mkdir()
        (tmp_path / "attempt").mkdir()
        options = flavour.save(model, tmp_path / "model", method)
        found = read_sample(sample)
        asked = Signature(found.fields, (), found.container)
        outputs = fields_of(compose(asked, None, opened)(found.table))
        signature = replace(asked, outputs=outputs)
        parts = Parts(flavour, opened, None, Rows(found.fields, found.container, found.table))
        recipe = Recipe(name="small", root=tmp_path, model=model, compared=rows)
        return Compiled(attempt(tmp_path / "attempt", recipe, parts, signature, options), signature)

    return make
