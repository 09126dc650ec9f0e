"""Plain Python: a function, a class or an object of an importable module, named `module:attribute`."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from trimtab.bundle.flavours.sources import FRAMEWORKS, fail, no_method, reason, roots
from trimtab.bundle.predictor import Model, join
from trimtab.core.errors import did_you_mean

__all__ = ["Python"]

_REFERENCE: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_HINT: Final = 'move it to a module, and name it there: `"module:name"`'


class Python:
    """Code as a model: a function is called with each batch; a class is made once, and its `predict` is called.

    A class that needs one argument gets the folder of the model's files. An object without `predict` is called itself.
    A dict, DataFrame or named tuple keeps its names; anything else is `prediction`. A generator function answers part
    by part. Options: `reference`, `method`, and `yields` for one that does.
    """

    name = "python"

    def detect(self, source: object) -> bool:
        """A text like `module:attribute`, or a function, class or object that belongs to no framework."""
        if isinstance(source, str):
            return _REFERENCE.fullmatch(source) is not None
        if isinstance(source, Path | ModuleType) or roots(source) & FRAMEWORKS:
            return False
        return callable(source) or hasattr(source, "predict")

    def open(self, source: object, method: str) -> Model:
        """The object as it is, or imported by its reference."""
        found = _resolved(source) if isinstance(source, str) else source
        with tempfile.TemporaryDirectory() as empty:
            return _model(found, method, Path(empty))

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """Writes nothing: the code travels with the bundle's own modules."""
        reference = source if isinstance(source, str) else _reference(source)
        options = {"reference": reference, "method": method}
        model = _model(_resolved(reference), method, folder)
        return options | {"yields": True} if isinstance(model, _YieldModel) else options

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The object imported by its reference; the module must be importable."""
        model = _model(_resolved(options["reference"]), options["method"], folder)
        if isinstance(model, _YieldModel) != bool(options.get("yields")):
            what = "was packaged as a model that " + ("yields" if options.get("yields") else "does not yield")
            raise fail("P217", f"`{options['reference']}` {what}", hint="package it again")
        return model


@dataclass(frozen=True, slots=True)
class _CallModel:
    call: Callable[[Any], Any]

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        return _named(self.call(prepared))


@dataclass(frozen=True, slots=True)
class _YieldModel:
    call: Callable[[Any], Generator[Any, None, None]]

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        return join(self.parts(prepared))

    def parts(self, prepared: Any) -> Generator[Mapping[str, Any], None, None]:
        with closing(self.call(prepared)) as answers:
            for answer in answers:
                yield _named(answer)


def _named(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, Mapping):
        return answer
    if hasattr(answer, "columns") and hasattr(answer, "to_numpy"):
        return {str(name): answer[name] for name in answer.columns}
    if isinstance(answer, tuple) and hasattr(answer, "_asdict"):
        named: dict[str, Any] = answer._asdict()
        return named
    return {"prediction": answer}


def _model(found: Any, method: str, folder: Path) -> _CallModel | _YieldModel:
    """The callable behind a function, a class or an object; P226 for a method that it lacks."""
    if inspect.isclass(found):
        made: Callable[..., Any] = found
        found = made(folder) if _needs_folder(found) else made()
    if inspect.isroutine(found) and not method:
        return _calling(found)
    chosen = method or ("predict" if callable(getattr(found, "predict", None)) else "__call__")
    call = getattr(found, chosen, None)
    if not callable(call):
        public = [name for name in dir(found) if not name.startswith("_") and callable(getattr(found, name))]
        raise no_method(chosen, public, f"`{type(found).__name__}`")
    return _calling(call)


def _calling(call: Callable[[Any], Any]) -> _CallModel | _YieldModel:
    """P217 for what only an event loop could call: the server's is not for user code."""
    if inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call):
        name = getattr(call, "__qualname__", "it")
        raise fail("P217", f"`{name}` is asynchronous", hint="write it with `def` instead of `async def`")
    return _YieldModel(call) if inspect.isgeneratorfunction(call) else _CallModel(call)


def _needs_folder(found: type) -> bool:
    """Whether the class needs exactly one argument; P217 when it needs more."""
    try:
        parameters = inspect.signature(found).parameters.values()
    except ValueError:  # a class written in C that does not say
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if len(needed) > 1 or any(p.kind not in positional for p in needed):
        names = ", ".join(f"`{p.name}`" for p in needed)
        raise fail("P217", f"the class `{found.__qualname__}` needs {names}; it may need the model's folder alone")
    return bool(needed)


def _resolved(reference: str) -> Any:
    """What the reference names; P217 when it is not importable."""
    if _REFERENCE.fullmatch(reference) is None:
        raise fail("P217", f"`{reference}` is no reference like `module:name`")
    module_name, _, attribute = reference.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        what = f"importing `{module_name}` failed: {reason(error)}"
        raise fail("P217", what, reference, "the module must lie beside the project file or be installed") from error
    for name in attribute.split("."):
        if not hasattr(found, name):
            public = [other for other in vars(found) if not other.startswith("_")] if hasattr(found, "__dict__") else []
            raise fail("P217", f"`{module_name}` has no `{attribute}`", reference, did_you_mean(name, public))
        found = getattr(found, name)
    return found


def _reference(source: Any) -> str:
    """`module:name` of an object in memory; P217 when another process could not find it by that name."""
    named = source if hasattr(source, "__qualname__") else type(source)
    module_name = str(named.__module__)
    what = f"`{named.__qualname__}` of `{module_name}`"
    if module_name == "__main__":
        raise fail("P217", f"{what} exists only in this process", hint=_HINT)
    if "<" in named.__qualname__:
        raise fail("P217", f"{what} is a lambda or local, which cannot be imported", hint=_HINT)
    module = sys.modules.get(module_name)
    if named is source:
        return f"{module_name}:{named.__qualname__}"
    for name, value in vars(module).items() if module else ():
        if value is source:
            return f"{module_name}:{name}"
    raise fail("P217", f"an object of {what} has no name in that module", hint=_HINT)
