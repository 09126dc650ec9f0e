"""Weights of an ONNX model once for all processes of a server, packed as this processor wants them.

ONNX Runtime packs weights into memory of its own while it loads a model, so that each process has them once more, and
the cache that processors share holds less of them. What it saves with packed weights it maps instead
(`session.save_external_prepacked_constant_initializers`). That is used only where it answers with the same bits.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import framework
from trimtab.bundle.keeping.weights import once_for_all

__all__ = ["shared"]

_MODEL: Final = "model.onnx"
_LEAST: Final = 1 << 20  # bytes of weights that are worth it
_MOST: Final = 1 << 30  # and that a start can wait for: they are read and written twice
_ROOM: Final = 4  # times as much must be free: saved are the weights, and those packed
_ROWS: Final = (1, 3)  # of what is asked of both; a single row is another kernel's
_OPEN: Final = 4  # the size of an axis that may be any
_QUIET: Final = 3  # errors only: it warns that what is saved is for this machine, as it is meant to be
_SAVED: Final = {
    "session.save_external_prepacked_constant_initializers": "1",
    "session.optimized_model_external_initializers_file_name": "weights.bin",
    "session.optimized_model_external_initializers_min_size_in_bytes": "1024",
}
_KINDS: Final = {"float": "f4", "double": "f8", "float16": "f2", "int64": "i8", "int32": "i4", "bool": "?"}


def shared(path: Path, beside: Iterable[Path], opens: Callable[[str, Callable[[Any], None]], Any]) -> Any | None:
    """A session over weights that all processes of this server have in common; None where there is no such thing.

    beside: files with weights. opens: makes a session of a file, with more settings.
    """
    size = sum(one.stat().st_size for one in (path, *beside))
    if not _LEAST <= size <= _MOST:
        return None

    def make(folder: Path) -> Any | None:
        if shutil.disk_usage(folder).free < _ROOM * size:
            return None
        as_always = opens(str(path), lambda settings: _save(settings, folder / _MODEL))
        session = load(folder)
        return session if _alike(as_always, session) else None

    def load(folder: Path) -> Any:
        return opens(str(folder / _MODEL), _as_it_is)

    return once_for_all(path, make, load)


def _save(settings: Any, path: Path) -> None:
    settings.optimized_model_filepath = str(path)
    settings.log_severity_level = _QUIET
    for name, value in _SAVED.items():
        settings.add_session_config_entry(name, value)


def _as_it_is(settings: Any) -> None:
    settings.graph_optimization_level = framework("onnxruntime").GraphOptimizationLevel.ORT_DISABLE_ALL


def _alike(one: Any, other: Any) -> bool:
    """Whether both answer the same numbers with the same bits; KeyError for inputs that are no numbers."""
    draw = np.random.default_rng(1)
    for rows in _ROWS:
        feeds = {node.name: _some(draw, node, rows) for node in one.get_inputs()}
        if [_bits(answer) for answer in one.run(None, feeds)] != [_bits(answer) for answer in other.run(None, feeds)]:
            return False
    return True


def _some(draw: np.random.Generator, node: Any, rows: int) -> Any:
    sizes = [size if isinstance(size, int) and size > 0 else _OPEN for size in node.shape[1:]]
    kind = np.dtype(_KINDS[node.type.removeprefix("tensor(").removesuffix(")")])
    values = draw.standard_normal((rows, *sizes))
    return (values if kind.kind == "f" else values > 0).astype(kind)


def _bits(answer: Any) -> Any:
    return (answer.dtype.str, answer.shape, answer.tobytes()) if isinstance(answer, np.ndarray) else answer
