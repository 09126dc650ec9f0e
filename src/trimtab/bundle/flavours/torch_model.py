"""A PyTorch module as a model: arrays become tensors, tensors become named arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trimtab.bundle.flavours.tables import matrix
from trimtab.core.dtypes import Array

__all__ = ["ModuleModel"]


@dataclass(frozen=True, slots=True)
class ModuleModel:
    """A module's callable, the names of its arguments, and the precision of its weights."""

    torch: Any
    call: Callable[..., Any]
    names: tuple[str, ...]
    floats: np.dtype[Any]

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""
        with self.torch.inference_mode():
            return _named(self.call(*self._tensors(prepared)))

    def _tensors(self, prepared: Any) -> list[Any]:
        if isinstance(prepared, dict):
            order = self.names if set(self.names) == set(prepared) else tuple(prepared)
            return [self._tensor(prepared[name]) for name in order]
        if hasattr(prepared, "columns"):
            prepared = matrix(prepared, self.floats)
        return [self._tensor(prepared)]

    def _tensor(self, values: Any) -> Any:
        array = np.ascontiguousarray(values)
        if array.dtype.kind == "f" and array.dtype != self.floats:
            array = array.astype(self.floats)
        # a tensor shares its array's memory, and what came from the network may be read-only
        return self.torch.from_numpy(array if array.flags.writeable else array.copy())


def _named(answer: Any) -> dict[str, Array]:
    """Tensors under the names the module gives them."""
    if isinstance(answer, Mapping):
        return {str(name): _array(value) for name, value in answer.items()}
    if not isinstance(answer, tuple | list):
        return {"prediction": _array(answer)}
    if len(answer) == 1 and not hasattr(answer, "_fields"):
        return {"prediction": _array(answer[0])}
    names: Iterable[str] = getattr(answer, "_fields", None) or (f"output_{number}" for number in range(len(answer)))
    return {name: _array(value) for name, value in zip(names, answer, strict=True)}


def _array(tensor: Any) -> Array:
    value = tensor.detach().cpu()
    array: Array = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    return array
