"""ONNX: model files and `onnx.ModelProto` objects, run by ONNX Runtime on the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.onnx_file import facts
from trimtab.bundle.flavours.onnx_shared import shared
from trimtab.bundle.flavours.sources import copied, declared, fail, framework, has_suffix, no_method, reason, roots
from trimtab.bundle.flavours.tables import matrix
from trimtab.bundle.predictor import Model
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.signature import Field

__all__ = ["Onnx", "fields"]

_FILE: Final = "model.onnx"
_TAKES: Final = {"O": "text", "i": "integers of its width", "u": "positive integers of its width", "b": "booleans"}
_TYPES: Final = {
    "bool": "BOOL",
    "double": "FP64",
    "float": "FP32",
    "float16": "FP16",
    "string": "BYTES",
    **{f"{sign}int{size}": f"{sign.upper()}INT{size}" for sign in ("", "u") for size in (8, 16, 32, 64)},
}


class Onnx:
    """ONNX graphs; outputs keep their names, and `method` is the name of the one output wanted (empty: all).

    Maps of class to chance (ZipMap) become one array with a column a class, in sorted order of the classes.
    Options: `file`, `method`, `classes`.
    """

    name = "onnx"

    def detect(self, source: object) -> bool:
        """A file by its suffix; an object by its classes."""
        return has_suffix(source, {".onnx"}) or "onnx" in roots(source)

    def open(self, source: object, method: str) -> Model:
        """A session over the file, or over the graph in memory."""
        if isinstance(source, Path):
            facts(source)
            return _SessionModel.of(_session(str(source), source), method)
        return _SessionModel.of(_session(_bytes(source), None), method)

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """A file is copied as it is, with the weights it keeps beside it; an object becomes protobuf."""
        if isinstance(source, Path):
            for location in sorted(facts(source).external):
                (folder / location).parent.mkdir(parents=True, exist_ok=True)
                copied(source.parent / location, folder, location)
            copied(source, folder, _FILE)
        else:
            (folder / _FILE).write_bytes(_bytes(source))
        model = _SessionModel.of(_session(str(folder / _FILE), folder / _FILE), method)
        options: dict[str, Any] = {"file": _FILE, "method": method}
        classes = {name: names for name, names in facts(folder / _FILE).classes.items() if name in model.outputs}
        return {**options, "classes": classes} if classes else options

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """A session over the bundle's file, or over weights that all processes of a server have in common."""
        path = declared(folder, options.get("file"), {_FILE})
        beside = [folder / location for location in facts(path).external]
        session = shared(path, beside, lambda file, more: _session(file, path, more)) or _session(str(path), path)
        return _SessionModel.of(session, options["method"])


def fields(path: Path) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The inputs and outputs that the model declares, so that no sample is needed; P228 for what rows cannot be.

    A size that the model leaves open is -1. One input suits the container "matrix", several "arrays".
    """
    classes = facts(path).classes
    session = _session(str(path), path)
    inputs = tuple(_field(node) for node in session.get_inputs())
    outputs = [_field(node, classes.get(node.name)) for node in session.get_outputs()]
    for field, node in zip(inputs, session.get_inputs(), strict=True):
        if not node.shape or isinstance(node.shape[0], int):
            what = f"the input `{field.name}` of `{path.name}` takes exactly {node.shape or 'one value'}, not any rows"
            raise fail("P228", what, path, "export the model with a dynamic first axis")
    return inputs, tuple(outputs)


def _field(node: Any, classes: list[str] | list[int] | None = None) -> Field:
    kind = node.type
    if kind.startswith("seq(map("):
        dtype = _TYPES["float"]
        return Field(node.name, dtype, (-1, len(classes or ()) or -1), categories=tuple(classes) if classes else None)
    dtype = _TYPES.get(kind.removeprefix("tensor(").removesuffix(")"), "")
    if not dtype:
        raise fail("P228", f"`{node.name}` is `{kind}`, which no row of a table can hold")
    rest = node.shape[1:] if node.shape else []
    return Field(node.name, dtype, (-1, *(size if isinstance(size, int) and size > 0 else -1 for size in rest)))


@dataclass(frozen=True, slots=True)
class _SessionModel:
    run: Any
    outputs: list[str]
    inputs: dict[str, tuple[np.dtype[Any], int]]

    @classmethod
    def of(cls, session: Any, method: str) -> _SessionModel:
        names = [node.name for node in session.get_outputs()]
        if method and method not in names:
            raise no_method(method, names, "the ONNX model (`method` is the name of an output)")
        inputs = {
            node.name: (DTYPES[_field(node).dtype], len(node.shape or ()))  # the number of axes
            for node in session.get_inputs()
        }
        return cls(session.run, [method] if method else names, inputs)

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        answers = self.run(self.outputs, self._feeds(prepared))
        return {
            name: _unzipped(answer) if isinstance(answer, list) else answer
            for name, answer in zip(self.outputs, answers, strict=True)
        }

    def _feeds(self, prepared: Any) -> dict[str, Array]:
        if len(self.inputs) == 1:
            ((name, (dtype, axes)),) = self.inputs.items()
            if isinstance(prepared, np.ndarray):
                return {name: _as(name, prepared, dtype, axes)}
            if name not in prepared or (axes > 1 and hasattr(prepared, "columns")):
                whole = prepared.to_numpy() if dtype.kind in "iub" and hasattr(prepared, "columns") else None
                return {name: _as(name, matrix(prepared, dtype) if whole is None else whole, dtype, axes)}
        missing = self.inputs.keys() - set(prepared.keys())
        if missing:
            raise fail("P229", f"the model's inputs {_listed(missing)} are not in what it was given")
        return {name: _as(name, np.asarray(prepared[name]), *wanted) for name, wanted in self.inputs.items()}


def _as(name: str, values: Array, dtype: np.dtype[Any], axes: int) -> Array:
    """The array as the input wants it; one value a row becomes a column, as converters of pipelines declare it.

    P229 for what would become another value: a null among text, a fraction or a large number among integers.
    """
    given = values
    if values.dtype != dtype:
        with np.errstate(invalid="ignore", over="ignore"):
            values = given.astype(dtype)
    if dtype.kind == "O" or (dtype.kind in "iub" and values is not given):
        lost = [_is_null(item) for item in values.flat] if dtype.kind == "O" else (values != given).ravel()
        if np.any(lost):
            wrong = given.ravel()[int(np.argmax(lost))]
            raise fail("P229", f"the model's input `{name}` takes {_TAKES[dtype.kind]}, not `{wrong}`")
    return values.reshape(-1, 1) if values.ndim == 1 and axes == 2 else values  # noqa: PLR2004  # rows and one column


def _is_null(item: Any) -> bool:
    """Whether it is None or NaN, of which ONNX Runtime would make the word "nan"."""
    return item is None or (isinstance(item, float) and item != item)  # noqa: PLR0124  # NaN only


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _unzipped(rows: list[Any]) -> Array:
    """A list of one map a row as an array; every map has the same keys in the same order."""
    if rows and isinstance(rows[0], dict):
        return np.array([list(row.values()) for row in rows], np.float32)
    return np.array(rows)


def _bytes(source: object) -> bytes:
    data: bytes = source.SerializeToString(deterministic=True)  # type: ignore[attr-defined]  # of every protobuf message
    return data


def _session(model: str | bytes, path: Path | None, more: Callable[[Any], None] = lambda _: None) -> Any:
    """A session on the CPU, with as many threads as OMP_NUM_THREADS says: ONNX Runtime itself does not look there.

    more: changes its settings.
    """
    runtime = framework("onnxruntime")
    settings = runtime.SessionOptions()
    more(settings)
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdigit():
        settings.intra_op_num_threads = int(said)
    try:
        return runtime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    except Exception as error:
        name = path.name if path else "the graph in memory"
        raise fail("P225", f"`{name}` cannot be loaded: {reason(error)}", path or "") from error
