"""The suite for every target: one that keeps its promises passes, and each that does not is caught."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.doubles import wrong_targets as wrong
from tests.doubles.filed import FiledTarget

from trimtab.core.deployment import Deployment
from trimtab.testing import Answered, Killed, MemoryTarget, Platform, Rows, TargetCase, check_target
from trimtab.testing.memory import STEPS

ONE, OTHER, BROKEN = ("sha256:" + char * 64 for char in "123")
FACTOR = {ONE: 2.0, OTHER: 3.0}


def rows(digest: str) -> Rows:
    """A request of three numbers; the answer is each of them, times the factor of the bundle."""
    body = {"inputs": [{"name": "x", "shape": [3], "datatype": "FP64", "data": [1.0, 2.0, 3.0]}]}
    data = [FACTOR[digest] * x for x in (1.0, 2.0, 3.0)]
    said = {"outputs": [{"name": "y", "shape": [3], "datatype": "FP64", "data": data}]}
    return Rows(json.dumps(body).encode(), json.dumps(said).encode())


def answer(digest: str, path: str, body: bytes) -> Answered:
    """A model server in a few lines."""
    if path != "/v2/models/churn/infer":
        return Answered(404)
    try:
        (tensor,) = json.loads(body)["inputs"]
        data = [FACTOR[digest] * x for x in {"x": tensor["data"]}[tensor["name"]]]
    except (ValueError, KeyError, TypeError):
        return Answered(400)
    return Answered(200, json.dumps({"outputs": [{"name": "y", "data": data}]}).encode())


class Yard:
    """A platform in memory, a case for it, and targets of some class over it."""

    def __init__(self, kind: type[MemoryTarget] = MemoryTarget) -> None:
        self.platform = Platform(broken={BROKEN})
        self.kind = kind
        one = Deployment("churn", "dev", ONE, port=8080, server={"admin": 8090})
        self.case = TargetCase(
            one=one,
            other=OTHER,
            rows={ONE: rows(ONE), OTHER: rows(OTHER)},
            broken=BROKEN,
            changed=replace(one, timeout_s=5.0),
            secured=replace(one, server={"auth": {"keys": "keys.json"}}),
            headers={"authorization": "Bearer k1"},
            rendered=MemoryTarget().render(one).files,
            kills=tuple(self.kill_at(step) for step in STEPS),
            same=lambda: len(self.platform.log),
            ask=lambda address, path, body, headers: self.make().ask(address, path, body, headers),
        )

    def make(self) -> MemoryTarget:
        return self.kind(self.platform, answer, keys={"k1"}, honours=self.honoured())

    def honoured(self) -> frozenset[str]:
        return MemoryTarget().honours - {"identity", "shadow"}

    def kill_at(self, step: str) -> Callable[[Deployment], None]:
        def kill(wanted: Deployment) -> None:
            self.platform.kill_at = step
            with suppress(Killed):
                self.make().apply(wanted, lambda *_: None)

        return kill


def test_the_target_in_memory_passes() -> None:
    yard = Yard()
    check_target(yard.make, yard.case)
    assert yard.platform.places == {}


def test_the_double_that_several_processes_share_passes(tmp_path: Path) -> None:
    case = Yard().case
    target = FiledTarget(tmp_path, more={"answer": answer, "keys": {"k1"}})
    shared = replace(case, broken="", kills=(), same=None, ask=target.ask)
    check_target(lambda: replace(target), shared)


def test_what_a_case_leaves_empty_is_not_tried() -> None:
    yard = Yard()
    case = yard.case
    check_target(yard.make, TargetCase(case.one, case.other, case.rows, ask=case.ask))


@pytest.mark.parametrize(
    ("kind", "caught"),
    [
        (wrong.Impure, "render is pure"),
        (wrong.Absolute, "these are no relative paths"),
        (wrong.Dropping, "`identity` is not honoured"),
        (wrong.Forgetful, "`variables` is honoured"),
        (wrong.Remembering, "was refused was applied|status was"),
        (wrong.Hasty, "is not ready"),
        (wrong.Wrong, r"`y\[1\]` is 4.1, not 4.0"),
        (wrong.Fragile, "answered 500, not 4xx"),
        (wrong.Restless, "a second apply changed"),
        (wrong.Eager, "requests are answered by"),
        (wrong.Trusting, "as bundle, it was taken"),
        (wrong.Reckless, "as bundle: status was"),
        (wrong.Gap, "requests failed"),
        (wrong.Stuck, "a killed apply is ended by the next: raised RuntimeError"),
        (wrong.Open, "with no key: answered 200"),
        (wrong.Shut, "are answered Answered.status=401"),
        (wrong.Staying, "removed, status is"),
        (wrong.Finicky, "where nothing is: raised ValueError"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_every_wrong_target_is_caught(kind: type[MemoryTarget], caught: str) -> None:
    yard = Yard(kind)
    with pytest.raises(AssertionError, match=caught):
        check_target(yard.make, yard.case)


def test_all_that_is_wrong_is_said_at_once() -> None:
    class Both(wrong.Fragile, wrong.Impure):
        pass

    yard = Yard(Both)
    with pytest.raises(AssertionError, match="render is pure") as caught:
        check_target(yard.make, yard.case)
    assert "not 4xx" in str(caught.value)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    wrong.Remembering.asked = None
