"""An ONNX graph that a scikit-learn pipeline was converted to, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.bundle.engines.inputs import matrix_of, picked
from trimtab.bundle.engines.reading import Fault, converted, damaged, name_faults
from trimtab.core.dtypes import Array
from trimtab.core.reports import no_reports

__all__ = ["GraphModel", "GraphOptions"]

_DTYPES: Final = {"float64": "tensor(double)", "int64": "tensor(int64)", "object": "tensor(string)"}

_TWO: Final = 2


class GraphOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the graph is asked: one matrix `X`, or one input a column where `inputs` has the columns' dtypes by name.

    names, count: of the columns the model was trained on. flat: the answer is one number a row. chance: of the second
    class, of two. limits: beyond them a column of the matrix would become infinite in a scaler.
    """

    output: str
    result: str
    count: int
    names: tuple[str, ...] | None = None
    inputs: dict[str, str] = {}
    flat: bool = False
    chance: bool = False
    limits: tuple[float, ...] = ()


class GraphModel:
    """The model; takes a dict of arrays, a matrix or a DataFrame."""

    def __init__(self, session: Any, options: GraphOptions) -> None:
        """An inference session and how it is asked."""
        self._run = session.run
        self._options = options
        self._names = tuple(options.inputs)
        self._limits = np.array(options.limits)

    @classmethod
    def load(cls, path: Path, options: Mapping[str, Any]) -> GraphModel:
        """The model in a file; ImportError without ONNX Runtime, P289 for a file or options that are damaged.

        One thread a call: processes scale better.
        """
        no_reports()
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 4  # what a run cannot do is raised
        try:
            session = onnxruntime.InferenceSession(path.read_bytes(), settings, providers=["CPUExecutionProvider"])
        except Exception as error:
            said = str(error).partition("\n")[0][:200]
            if type(error).__name__ == "NotImplemented":  # no kernel for a step of it on this machine
                raise OSError(said) from error
            raise damaged(path.name, [("", said)]) from error
        return cls(session, converted(options, GraphOptions, lambda found: _faults(found, session)))

    @property
    def count(self) -> int:
        """The number of columns that it is asked with."""
        return self._options.count

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name; ValueError for values that the model refuses: missing ones and infinities."""
        options = self._options
        (found,) = self._run([options.result], self._feeds(prepared))
        if found.dtype.kind == "f" and np.isnan(found).any():  # a step of the model would have refused the infinity
            raise ValueError("the input contains values too large for the model")
        if options.chance:
            return {options.output: found[:, 1]}
        return {options.output: found.reshape(-1) if options.flat else found}

    def _feeds(self, prepared: Any) -> dict[str, Array]:
        options = self._options
        if not self._names:
            matrix = matrix_of(prepared, options.names, options.count).astype(np.float64, copy=False)
            if options.limits and not (np.abs(matrix) <= self._limits).all():
                raise ValueError("the input contains NaN, infinity or a value too large for the model")
            return {"X": _finite(matrix)}
        columns = picked(prepared, self._names, range(len(self._names)))
        dtypes = options.inputs.values()
        return {
            name: _finite(np.asarray(columns[at]).astype(dtype)).reshape(-1, 1)
            for at, (name, dtype) in enumerate(zip(self._names, dtypes, strict=True))
        }


def _faults(options: GraphOptions, session: Any) -> Iterator[Fault]:
    """Whether the graph can be asked in this way."""
    yield from name_faults(options.names, options.count, by_name=bool(options.inputs))
    if options.limits and len(options.limits) != options.count:
        yield "limits", f"{len(options.limits)} limits for {options.count} columns"
    if options.result not in {item.name for item in session.get_outputs()}:
        yield "result", f"`{options.result[:40]}` is no output of the graph"
    widths = {item.name: item.shape[1:] for item in session.get_outputs()}.get(options.result)
    if options.chance and widths and isinstance(widths[0], int) and widths[0] != _TWO:
        yield "chance", f"the graph gives {widths[0]} numbers a row, of which none is the chance of the second of two"
    wanted = {item.name: item.type for item in session.get_inputs()}
    given = {name: _DTYPES.get(dtype, dtype) for name, dtype in (options.inputs or {"X": "float64"}).items()}
    if given != wanted:
        yield "inputs", "they are not those of the graph"


def _finite(values: Array) -> Array:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("the input contains NaN or infinity")
    if values.dtype.kind == "O" and any(value is None for value in values.tolist()):
        raise ValueError("the input contains a missing value")
    return values
