"""PyTorch: TorchScript, exported programs and modules, run on the CPU without gradients."""

from __future__ import annotations

import copy
import inspect
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import (
    copied,
    declared,
    fail,
    framework,
    has_suffix,
    no_method,
    reason,
    roots,
    seen,
)
from trimtab.bundle.flavours.torch_file import kind_of, without_traces
from trimtab.bundle.flavours.torch_model import ModuleModel
from trimtab.bundle.flavours.torch_pickles import refuse_code
from trimtab.bundle.predictor import Model

__all__ = ["Torch"]

_SUFFIXES: Final = frozenset({".pt", ".pt2", ".pth", ".ts"})
_NAMES: Final = {"script": "model.pt", "export": "model.pt2"}
_EXPORT: Final = "`torch.export.export(model, (example,), dynamic_shapes=({0: torch.export.Dim('rows')},))`"


class Torch:
    """TorchScript and exported programs; a plain module in memory is scripted when it is saved.

    Floats go in with the precision of the model's weights, integers and booleans as they are. A tuple of answers is
    `output_0`, `output_1`, ... unless it has names. `method` is a method that TorchScript exports (empty: `forward`).
    Options: `kind` script or export, `method`.
    """

    name = "torch"

    def detect(self, source: object) -> bool:
        """A file by its suffix; an object by its classes."""
        return has_suffix(source, _SUFFIXES) or "torch" in roots(source)

    def open(self, source: object, method: str) -> Model:
        """The module as it is, in evaluation mode, or read from its file."""
        if isinstance(source, Path):
            return _model(_read(source, kind_of(source)), method)
        torch = framework("torch")
        if isinstance(source, torch.jit.ScriptModule):
            return _model(_from_bytes(_script_bytes(source)), method)
        return _model(copy.deepcopy(source).eval() if isinstance(source, torch.nn.Module) else source, method)

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """A file is copied as it is; an object is written without the paths and source lines of this machine."""
        if isinstance(source, Path):
            kind: str = kind_of(source)
            copied(source, folder, _NAMES[kind])
        else:
            kind, data = _written(source)
            (folder / _NAMES[kind]).write_bytes(data)
        options = {"kind": kind, "method": method}
        self.load(folder, options)  # what was written can be read, has the method, and takes any number of rows
        return options

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The module from its file."""
        names = {_NAMES[kind]: kind for kind in _NAMES}
        path = declared(folder, _NAMES.get(options.get("kind", "")), names)
        if kind_of(path) != names[path.name]:
            raise seen(path, f"a model of the kind `{names[path.name]}`")
        return _model(_read(path, names[path.name]), options["method"])


def _model(module: Any, method: str) -> ModuleModel:
    """The callable for a loaded ScriptModule, ExportedProgram or module; P226 for an unknown method."""
    torch = framework("torch")
    if isinstance(module, torch.export.ExportedProgram):
        if method not in ("", "forward"):
            raise no_method(method, ["forward"], "an exported program")
        names = _any_rows(module)
        return ModuleModel(torch, module.module(), names, _floats(torch, module.state_dict.values()))
    call = getattr(module, method or "forward", None)
    if not callable(call):
        compiled = getattr(module, "_c", None)
        methods = compiled._method_names() if compiled is not None else vars(type(module))  # noqa: SLF001  # no public list
        raise no_method(
            method or "forward",
            {"forward", *(name for name in methods if not name.startswith("_"))},
            f"the module `{type(module).__name__}`",
        )
    schema = getattr(call, "schema", None)
    names = (
        tuple(argument.name for argument in schema.arguments[1:])
        if schema
        else tuple(inspect.signature(call).parameters)
    )
    entry = module if method in ("", "forward") else call
    return ModuleModel(torch, entry, names, _floats(torch, module.parameters()))


def _any_rows(program: Any) -> tuple[str, ...]:
    """The names of an exported program's inputs; P228 when one is fixed to the number of rows of its example."""
    names = tuple(str(name) for name in program.graph_signature.user_inputs)
    values = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    for name in names:
        shape: tuple[Any, ...] = tuple(getattr(values.get(name), "shape", ()))
        if not shape or isinstance(shape[0], int):
            rows = f"exactly {shape[0]} rows" if shape else "one value, not rows"
            raise fail(
                "P228", f"the input `{name}` of the exported program takes {rows}", hint=f"export with {_EXPORT}"
            )
    return names


def _floats(torch: Any, weights: Iterable[Any]) -> np.dtype[Any]:
    """The precision of the weights; FP32 when there are none, or when numpy has no such type."""
    kinds = {torch.float64: np.float64, torch.float16: np.float16}
    first = next((weight.dtype for weight in weights if weight.is_floating_point()), None)
    return np.dtype(kinds.get(first, np.float32))


def _written(source: object) -> tuple[str, bytes]:
    """The kind and the bytes of a model in memory; P227 when it cannot be scripted."""
    torch = framework("torch")
    if isinstance(source, torch.export.ExportedProgram):
        buffer = io.BytesIO()
        torch.export.save(source, buffer)
        return "export", without_traces(buffer.getvalue())
    if isinstance(source, torch.jit.ScriptModule):
        return "script", without_traces(_script_bytes(source))
    if not isinstance(source, torch.nn.Module):
        raise fail("P227", f"a `{type(source).__name__}` is no module that can be saved")
    try:
        with _quiet():
            scripted = torch.jit.script(copy.deepcopy(source).cpu().eval())
    except Exception as error:
        what = f"the module `{type(source).__name__}` cannot be scripted: {reason(error)}"
        raise fail("P227", what, hint=f"give the result of {_EXPORT}") from error
    return "script", without_traces(_script_bytes(scripted))


def _script_bytes(module: Any) -> bytes:
    buffer = io.BytesIO()
    with _quiet():
        framework("torch").jit.save(module, buffer)
    return buffer.getvalue()


def _from_bytes(data: bytes) -> Any:
    with _quiet():
        module = framework("torch").jit.load(io.BytesIO(data), map_location="cpu")
    if getattr(module, "training", False):
        module.eval()
    return module


def _read(path: Path, kind: str) -> Any:
    torch = framework("torch")
    if kind == "export":
        refuse_code(path)
    try:
        return torch.export.load(path) if kind == "export" else _from_bytes(path.read_bytes())
    except Exception as error:
        raise fail("P225", f"`{path.name}` cannot be read: {reason(error)}", path) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch announces the end of TorchScript at each use; the user learns of it in the documentation."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`?torch\.jit", category=DeprecationWarning)
        yield
