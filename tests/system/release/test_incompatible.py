"""Whoever breaks the callers of what is live is refused, with both sides: by `release`, and by `check` before that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.doubles.plain_bundles import signed_bundle

from trimtab.bundle.store import Store
from trimtab.cli.main import run
from trimtab.core.deployment import Deployment
from trimtab.core.signature import Field, Signature
from trimtab.release.ledger.releases import ReleaseBegun, ReleaseEnded, body_of, kind_of
from trimtab.release.promotion.values import Judgement, Source
from trimtab.release.record.local import LocalRecord

PROJECT = 'name = "small"\n[model]\npath = "model:predict"\n[env.prod]\n'
AGE = Field("age", "INT64", low=0, high=120, unit="years")
PLAN = Field("plan", "BYTES", categories=("basic", "plus"))
SPEND = Field("spend", "FP64", nullable=True, unit="EUR")
CHANCE = Field("chance", "FP64", low=0, high=1)
LIVE = Signature((AGE, PLAN, SPEND), (CHANCE,))

# what is changed: the new signature, and the lines of the diff
KINDS = {
    "drop": (replace(LIVE, inputs=(AGE, PLAN)), ["- input spend FP64[-1]"]),
    "rename": (
        replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, name="paid"))),
        ["- input spend FP64[-1]", "+ input paid FP64[-1]"],
    ),
    "add": (replace(LIVE, inputs=(*LIVE.inputs, Field("since", "BYTES"))), ["+ input since BYTES[-1]"]),
    "dtype": (
        replace(LIVE, inputs=(replace(AGE, dtype="FP64"), PLAN, SPEND)),
        ["- input age INT64[-1]", "+ input age FP64[-1]"],
    ),
    "order": (
        replace(LIVE, inputs=(PLAN, AGE, SPEND)), ["- input age, plan, spend", "+ input plan, age, spend"],
    ),
    "category": (
        replace(LIVE, inputs=(AGE, replace(PLAN, categories=("basic", "pro")), SPEND)),
        ["- input plan BYTES[-1] `basic`, `plus`", "+ input plan BYTES[-1] `basic`, `pro`"],
    ),
    "unit": (
        replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, unit="USD"))),
        ["- input spend FP64[-1] EUR", "+ input spend FP64[-1] USD"],
    ),
    "null": (
        replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, nullable=False))),
        ["- input spend FP64[-1] nullable", "+ input spend FP64[-1] not nullable"],
    ),
    "range": (
        replace(LIVE, inputs=(replace(AGE, low=18), PLAN, SPEND)),
        ["- input age INT64[-1] 0..120", "+ input age INT64[-1] 18..120"],
    ),
    "shape": (
        replace(LIVE, inputs=(AGE, PLAN, replace(SPEND, shape=(-1, 2)))),
        ["- input spend FP64[-1]", "+ input spend FP64[-1,2]"],
    ),
    "output": (
        replace(LIVE, outputs=(replace(CHANCE, name="score"),)),
        ["- output chance FP64[-1]", "+ output score FP64[-1]"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A project in whose `prod` the live signature answers, as its record says; and the other bundles."""
    folder = tmp_path_factory.mktemp("incompatible")
    (folder / "trimtab.toml").write_text(PROJECT)
    store = Store(folder / ".trimtab")
    live = signed_bundle(store, LIVE).digest
    record, wanted = LocalRecord(folder / "ledger", store.root), Deployment("small", "prod", live)
    begun = ReleaseBegun("r1", "prod", wanted, None, Judgement("passed", ()), Source(), "ann")
    for note in (begun, ReleaseEnded("r1", "released", wanted)):
        last = [entry.digest for entry in record.entries()][-1:] or [""]
        record.append(kind_of(note), "prod/small", body_of(note), last[0], {})
    news = {kind: signed_bundle(store, signature).digest for kind, (signature, _) in KINDS.items()}
    return folder, record, live, news


@pytest.fixture
def type_in(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk[0])

    def typed(*words):
        status = run(words)
        return status, capsys.readouterr()

    return typed


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_is_refused_with_both_sides_and_nothing_is_done(desk, type_in, kind):
    folder, record, _, news = desk
    before, lines = record.entries(), KINDS[kind][1]
    status, said = type_in("release", news[kind], "--to", "prod")
    assert status == 1
    error = said.err.split("\n")
    assert error[0].startswith("error[P463]: not released to `prod`: compatible: ")
    at = error.index("  at [env.prod]")
    assert error[1:at] == [f"  {line}" for line in lines]
    assert error[at + 1 : -1] == ["", "hint: train it with the live signature, or release it under another name"]
    shown = [line.split(maxsplit=1)[1] for line in said.out.splitlines() if line.startswith("gate ")]
    assert shown[0].startswith("FAIL     compatible ")
    assert [line.strip() for line in said.out.splitlines() if line.strip()[:2] in ("- ", "+ ")] == lines
    assert list(record.entries()) == list(before)
    assert not (folder / ".trimtab/targets").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_says_so_before(desk, type_in, kind):
    _, _, live, news = desk
    status, said = type_in("check", news[kind], "--only", "compatible", "--live", live, "--json")
    assert status == 1
    (found,) = json.loads(said.out)["checks"]
    assert (found["kind"], found["verdict"], found["against"]) == ("compatible", "FAIL", live)
    assert [line for line in found["facts"]["diff"] if not line.startswith(" ")] == KINDS[kind][1]
    assert len(found["measures"]) == 1


def test_a_check_says_it_to_people(desk, type_in):
    _, _, live, news = desk
    status, said = type_in("check", news["dtype"], "--only", "compatible", "--live", live)
    both = "dtype, age INT64[-1] -> age FP64[-1]: `age` has another datatype on the wire"
    assert (status, said.out) == (1, f"compatible  FAIL     {both}\n")
    assert said.err.startswith(f"error[P401]: the check `compatible` failed: input age: {both}\n")
