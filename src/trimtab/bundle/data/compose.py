"""Preparation and model as one function of checked rows, held to what the signature promises."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

from trimtab.bundle.data.containers import container_of
from trimtab.bundle.data.outputs import empty_outputs, fit, to_outputs
from trimtab.bundle.predictor import Model, Outputs, Predictor, YieldingModel, join
from trimtab.core.errors import Problem, RefusedError
from trimtab.core.signature import Signature
from trimtab.core.table import Table

__all__ = ["Prepare", "compose"]

Prepare: TypeAlias = Callable[[Any], Any]


def compose(signature: Signature, prepare: Prepare | None, model: Model) -> Predictor:
    """The predictor of a model in memory; a signature without outputs promises nothing, then they are not checked.

    The predictor raises RefusedError when preparation changes the number of rows or an answer breaks the promise;
    what user code raises passes through. A table without rows is answered without calling user code. Over a model that
    yields, the predictor has `parts`, each of them held to the promise.
    """
    contain = container_of(signature)
    if isinstance(model, YieldingModel):
        return _Yielding(signature, contain, prepare, model)
    return _Composed(signature, contain, prepare, model)


@dataclass(frozen=True, slots=True)
class _Composed:
    signature: Signature
    contain: Callable[[Table], Any]
    prepare: Prepare | None
    model: Model

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table."""
        if table.height == 0:
            return empty_outputs(self.signature.outputs)
        return fit(to_outputs(self.model(self._prepared(table))), self.signature.outputs, table.height)

    def _prepared(self, table: Table) -> Any:
        data = self.contain(table)
        if self.prepare is not None:
            data = self.prepare(data)
            _same_rows(data, table.height)
        return data


@dataclass(frozen=True, slots=True)
class _Yielding(_Composed):
    model: YieldingModel

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table: the join of all parts."""
        return fit(join(self.parts(table)), self.signature.outputs, table.height)

    def parts(self, table: Table) -> Generator[Outputs, None, None]:
        """Each part as it comes; closing this closes the model's generator."""
        fields = self.signature.outputs
        if table.height == 0:
            yield empty_outputs(fields)
            return
        said: set[str] = set()
        with closing(self.model.parts(self._prepared(table))) as parts:
            for part in parts:
                outputs = to_outputs(part)
                said |= outputs.keys()
                spoken = tuple(field for field in fields if field.name in outputs)
                if fields and len(spoken) < len(outputs):
                    spoken = fields  # an output that was not promised: the error names them all
                yield fit(outputs, spoken, table.height)
        missing = [field.name for field in fields if field.name not in said]
        if missing or not said:
            what = f"the model yielded nothing{' for ' if missing else ''}{', '.join(f'`{name}`' for name in missing)}"
            raise RefusedError(Problem("P243", what, "the model's answer", "one part at least must have it"))


def _same_rows(prepared: object, rows: int) -> None:
    parts = prepared.values() if isinstance(prepared, Mapping) else [prepared]
    for got in {_height(part) for part in parts} - {None, rows}:
        what = f"preparation turned {rows} rows into {got}"
        hint = "every row needs its answer: keep all rows, in their order, and fill what is missing"
        raise RefusedError(Problem("P242", what, "the prepare function", hint))
    if prepared is None:
        what = "preparation returned `None`"
        raise RefusedError(Problem("P242", what, "the prepare function", "end the function with `return`"))


def _height(part: object) -> int | None:
    """Rows of a prepared container; None for an object whose rows cannot be counted, such as a tuple of inputs."""
    shape = getattr(part, "shape", None)
    if isinstance(shape, tuple):
        return int(shape[0]) if shape else 0
    return len(part) if isinstance(part, list) and not any(getattr(item, "shape", ()) for item in part) else None
