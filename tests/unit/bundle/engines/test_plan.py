"""The stages of a compiled form, in the bundle and in words."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.engines.plan import Plan, Stage, read_plan
from trimtab.bundle.manifest import canonical
from trimtab.core.errors import UserError

MODEL = Stage("model", "linear", "model.json")
PREPARE = Stage("prepare", "python", options={"function": "prepare:clean"})


def written(folder: Path, plan: object) -> Path:
    (folder / "compiled").mkdir()
    (folder / "compiled" / "plan.json").write_bytes(canonical(msgspec.to_builtins(plan)))
    return folder


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = Plan((PREPARE, MODEL), "arrays", ("pandas",))
    assert read_plan(written(tmp_path, plan)) == plan


def test_it_is_native_without_python_of_the_user() -> None:
    assert Plan((MODEL,), "arrays").native
    assert not Plan((PREPARE, MODEL), "arrays").native
    assert str(Plan((MODEL,), "arrays")) == "one graph, folded weights"
    assert str(Plan((PREPARE, MODEL), "arrays")) == "preparation in Python, then folded weights"


@pytest.mark.parametrize(
    "plan",
    [
        {"stages": [], "container": "arrays"},
        {"stages": [{"name": "model", "kind": "magic"}], "container": "arrays"},
        {"stages": [{"name": "prepare", "kind": "python"}], "container": "arrays"},
        {"stages": [{"name": "model", "kind": "linear"}] * 2, "container": "arrays"},
        {"stages": [{"name": "model", "kind": "linear"}], "container": "arrays", "format": 2},
        {"stages": [{"name": "model", "kind": "linear"}], "container": "arrays", "more": 1},
        {"stages": [{"name": "model", "kind": "linear"}], "container": "arrays"},
        {"stages": [{"name": "model", "kind": "linear", "file": "../model.json"}], "container": "arrays"},
        {"stages": [{"name": "model", "kind": "forest", "file": "model.json"}], "container": "arrays"},
        {"stages": [{"name": "m", "kind": "linear", "file": "model.json", "options": {"a": 1}}], "container": "arrays"},
        7,
    ],
)
def test_what_is_unknown_here_is_refused(tmp_path: Path, plan: object) -> None:
    with pytest.raises(UserError, match="P287"):
        read_plan(written(tmp_path, plan))


@pytest.mark.parametrize("data", [b"", b'{"container":"\xff"}', b'{"stages":[{"options":' + b"[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled" / "plan.json").write_bytes(data)
    with pytest.raises(UserError, match="P287"):
        read_plan(tmp_path)
