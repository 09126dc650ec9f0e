"""The golden rows of a bundle, asked of what shall answer for it: the same bytes that `curl` could send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from trimtab.bundle.golden import REQUEST, compare
from trimtab.bundle.golden_json import decode_tensor
from trimtab.bundle.read import Bundle
from trimtab.bundle.store import Store
from trimtab.core.tensors import TensorError

__all__ = ["Golden", "Post", "golden_fault", "golden_of"]

# of a path and a body, the status and the JSON of the answer
Post: TypeAlias = Callable[[str, bytes], tuple[int, Any]]
# of a reference to a bundle, what is wrong with the answers; empty for nothing
Golden: TypeAlias = Callable[[str, Post], str]


def golden_of(store: Path) -> Golden:
    """Of the bundles in the store at that place."""
    return lambda reference, post: golden_fault(Store(store).resolve(reference), post)


def golden_fault(bundle: Bundle, post: Post) -> str:
    """Why the answers are not those that were recorded; empty where they are, or where the bundle has none."""
    golden = bundle.golden()
    if golden is None:
        return ""
    status, answer = post(f"/v2/models/{bundle.name}/infer", (bundle.folder / REQUEST).read_bytes())
    if status != 200:  # noqa: PLR2004 - HTTP's own number
        said = answer.get("error", "") if isinstance(answer, dict) else ""
        return f"golden rows are answered with status {status}: {str(said)[:200]}"
    try:
        tensors = {one["name"]: one for one in answer["outputs"]}
        fields = bundle.signature.outputs
        got = {field.name: decode_tensor(field, tensors[field.name]).values for field in fields}
    except (KeyError, TypeError, ValueError, TensorError, msgspec.DecodeError) as error:
        return f"the answer to golden rows cannot be read: {error}"
    found = compare(golden.outputs, got, golden.rtol, golden.atol)
    if found.ok:
        return ""
    size = "of another kind" if not np.isfinite(found.worst) else f"off by {found.worst:.3g}"
    return f"golden rows are answered otherwise: `{found.column}` of row {found.row} is {size}"
