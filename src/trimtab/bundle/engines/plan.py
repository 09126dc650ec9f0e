"""What `compiled/plan.json` says: the stages from a checked row to an answer, and which of them are native."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Container

__all__ = ["FOLDER", "PLAN", "Plan", "Stage", "StageKind", "read_plan"]

FOLDER: Final = "compiled"
PLAN: Final = "compiled/plan.json"

StageKind: TypeAlias = Literal["python", "columns", "linear", "forest", "graph"]
_BEFORE: Final[tuple[list[str], ...]] = (
    [],
    ["python"],
    ["columns"],
    ["python", "columns"],
)  # what may stand before the model
_FILES: Final[dict[StageKind, str]] = {
    "python": "", "columns": "columns.json", "linear": "model.json", "forest": "forest.bin", "graph": "model.onnx",
}  # fmt: skip


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: what runs it, the file below `compiled/` that it is loaded from, and what its engine must know.

    A stage of kind "python" is the user's own preparation code, which `options` names; one of kind "columns" makes the
    matrix that the last one is asked with.
    """

    name: str
    kind: StageKind
    file: str = ""
    options: dict[str, Any] = {}

    @property
    def native(self) -> bool:
        """Whether no Python of the user runs in it."""
        return self.kind != "python"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stages in order, and what they start from.

    container: what the first stage is given, which may be plainer than the container the model was trained on.
    imports: top-level modules beyond the standard library, trimtab and numpy that the serving process loads.
    """

    stages: tuple[Stage, ...]
    container: Container
    imports: tuple[str, ...] = ()
    format: int = 1

    @property
    def native(self) -> bool:
        """Whether every stage is native: no Python of the user runs for a request."""
        return all(stage.native for stage in self.stages)

    @property
    def model(self) -> Stage:
        """The last stage, which answers."""
        return self.stages[-1]

    @property
    def loadable(self) -> bool:
        """Whether what the engine needs is installed here; nothing is imported."""
        return self.model.kind != "graph" or importlib.util.find_spec("onnxruntime") is not None

    def __str__(self) -> str:
        """The short form people read: `one graph`, or `preparation in Python, then a native forest`."""
        columns = "columns and " if any(stage.kind == "columns" for stage in self.stages) else ""
        kind = {"linear": "folded weights", "forest": "native forest", "graph": "ONNX graph"}
        if self.native:
            return f"one graph, {columns}{kind[self.model.kind]}"
        return f"preparation in Python, then {columns}{kind[self.model.kind]}"


def read_plan(folder: Path) -> Plan:
    """The plan of a bundle's folder; raises UserError (P287) where it is none that this trimtab knows."""
    try:
        plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(Problem("P287", f"`{PLAN}` cannot be read: {error}", PLAN)) from None
    kinds = [stage.kind for stage in plan.stages]
    if plan.format != 1 or not kinds or kinds[-1] in ("python", "columns") or kinds[:-1] not in _BEFORE:
        raise UserError(Problem("P287", f"`{PLAN}` has stages that are unknown here", PLAN))
    for number, stage in enumerate(plan.stages):
        if stage.options and stage.kind in ("columns", "linear"):
            raise UserError(Problem("P287", f"`{PLAN}` has options for an engine that has none", PLAN))
        if stage.file != _FILES[stage.kind]:
            what = f"`{PLAN}` names the file `{stage.file[:80]}`, where `{_FILES[stage.kind]}` is meant"
            raise UserError(Problem("P287", what, f"{PLAN}, at `stages[{number}].file`"))
    return plan
