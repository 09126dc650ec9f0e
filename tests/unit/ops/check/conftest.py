"""A bundle with golden rows, and a bench in memory: its bundles are functions of a table, by digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from trimtab.bundle.golden import Golden, write_golden
from trimtab.bundle.manifest import Manifest, signature_to_plain
from trimtab.bundle.read import Bundle
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.ops.check.subject import Heard, Load, Subject
from trimtab.project.check import CheckPart

SIGNATURE = Signature(
    (Field("x", "FP64", low=0.0, high=100.0), Field("plan", "BYTES", categories=("basic", "plus"))),
    (Field("y", "FP64"),),
    "arrays",
)


def right(table):
    return {"y": np.minimum(table.columns["x"].values / 100.0, 1.0)}


def rows(count: int = 12) -> Table:
    plans = np.array(["basic", "plus"] * count, object)[:count]
    return Table({"x": Column(np.linspace(1, 99, count)), "plan": Column(plans)}, count)


@dataclass
class MemoryBench:
    """Obeys `Bench`. answers: the function of each digest; the empty one is that of all others."""

    answers: Mapping[str, Callable] = field(default_factory=lambda: {"": right})
    heard: Callable[..., Heard] | None = None
    loads: tuple[Load, ...] = ()
    report: str = ""
    functions: Mapping[str, Callable] = field(default_factory=dict)

    def ask(self, bundle):
        return self.answers.get(bundle.digest, self.answers[""])

    def wire(self, _bundle):
        return self.heard

    def load(self, _bundle, _seconds, _connections):
        return self.loads

    def pytest(self, _tests, _folder, _timeout_s):
        return self.report

    def value(self, function, arrays):
        return self.functions[function](**arrays)


@pytest.fixture
def bench():
    return MemoryBench


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Bundle]:
    """bundle("sha256:...", files, commit=...): a folder with golden rows alone."""

    def make(digest: str = f"sha256:{'1' * 64}", signature: Signature = SIGNATURE, answer=right, **said) -> Bundle:
        folder = tmp_path / digest[7:12]
        golden = Golden(rows(), answer(rows()), 1e-6, 1e-9)
        spec = write_golden(golden, folder, signature, "m")
        manifest = Manifest(
            name="m", flavour="python", signature=signature_to_plain(signature), files={}, golden=spec, **said
        )
        return Bundle(folder, manifest, digest, signature)

    return make


@pytest.fixture
def subject(bundle, tmp_path) -> Callable[..., Subject]:
    """subject(wanted={...}, environment=...): the bundle with what `[check]` says of it."""

    def make(*, wanted=None, made=None, **said) -> Subject:
        return Subject(made or bundle(), tmp_path, CheckPart(**(wanted or {})), **said)

    return make


@pytest.fixture
def table():
    return rows


@pytest.fixture
def signature():
    return SIGNATURE


@pytest.fixture
def good():
    return right


@pytest.fixture
def verdicts():
    """The verdicts of measures by their names."""
    return lambda measures: {one.name: one.verdict for one in measures}
