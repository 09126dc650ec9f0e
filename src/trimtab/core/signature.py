"""What goes into a model and what comes out: names, dtypes, shapes, nullability, ranges, categories.

The dtype is the one on the wire (Open Inference Protocol); `kind` says what BYTES mean; `frame` says which pandas dtype
the preparation code was written against, so that it sees in production what it saw in training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from trimtab.core.dtypes import DTYPES

__all__ = [
    "ORDERED",
    "Container",
    "Field",
    "Kind",
    "Signature",
    "field_from_plain",
    "field_to_plain",
    "signature_from_plain",
]

Kind: TypeAlias = Literal["value", "bytes", "datetime"]
Container: TypeAlias = Literal["frame", "arrays", "matrix"]
ORDERED: Final = "category[ordered]"  # the `frame` of categories that can be compared, in the order of `categories`


@dataclass(frozen=True, slots=True)
class Field:
    """One input or output column.

    shape: the first axis is rows (-1); a further -1 is an axis whose length varies from row to row.
    low, high: inclusive range of numbers. categories: the closed set of values an input may take; of an output with a
    second axis, the class that each column stands for.
    kind: "value" as the dtype says (BYTES is text), "bytes" for raw bytes, "datetime" for ISO 8601 text on the wire.
    frame: the pandas dtype of the column handed to user code; empty means the natural one. "category[ordered]" is that
    of categories which can be compared, from the least to the greatest.
    unit: what a number counts, in the caller's words (`EUR`, `min`); nothing is converted, but a release whose unit
    is another than the live one's is refused.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] = (-1,)
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    categories: tuple[str | int | float | bool, ...] | None = None
    kind: Kind = "value"
    frame: str = ""
    unit: str = ""

    def __str__(self) -> str:
        """The short form people read: `tenure INT64[-1]`."""
        return f"{self.name} {self.dtype}[{','.join(str(size) for size in self.shape)}]"


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and outputs in order, and the container that user code receives its inputs in.

    container: "frame" a pandas DataFrame, "arrays" a dict of numpy arrays, "matrix" the one array of the only input.
    """

    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...] = ()
    container: Container = "frame"

    def __str__(self) -> str:
        """The short form people read: `tenure INT64[-1] -> probability FP64[-1]`."""
        return f"{', '.join(map(str, self.inputs))} -> {', '.join(map(str, self.outputs))}"

    def input(self, name: str) -> Field:
        """The input of that name; KeyError if there is none."""
        return {field.name: field for field in self.inputs}[name]


def field_to_plain(field: Field) -> dict[str, Any]:
    """The field as JSON-ready values, without what is at its default; the inverse of `field_from_plain`."""
    plain: dict[str, Any] = {"name": field.name, "dtype": field.dtype, "shape": list(field.shape)}
    if field.nullable:
        plain["nullable"] = True
    for key in ("low", "high"):
        if getattr(field, key) is not None:
            plain[key] = getattr(field, key)
    if field.categories is not None:
        plain["categories"] = list(field.categories)
    if field.kind != "value":
        plain["kind"] = field.kind
    for key in ("frame", "unit"):
        if getattr(field, key):
            plain[key] = getattr(field, key)
    return plain


def field_from_plain(plain: Mapping[str, Any]) -> Field:
    """The field that `field_to_plain` wrote; raises ValueError for an unknown dtype or kind."""
    values = dict(plain)
    values["shape"] = tuple(values.get("shape", (-1,)))
    if values.get("categories") is not None:
        values["categories"] = tuple(values["categories"])
    field = Field(**values)
    if field.dtype not in DTYPES:
        raise ValueError(f"unknown dtype `{field.dtype}` of `{field.name}`")
    if field.kind not in ("value", "bytes", "datetime"):
        raise ValueError(f"unknown kind `{field.kind}` of `{field.name}`")
    if field.frame == ORDERED and field.categories is None:
        raise ValueError(f"frame `{ORDERED}` of `{field.name}` needs `categories`, from the least to the greatest")
    return field


def signature_from_plain(plain: Mapping[str, Any]) -> Signature:
    """The signature in a manifest: {"inputs": [...], "outputs": [...], "container": "frame"}."""
    return Signature(
        tuple(map(field_from_plain, plain["inputs"])),
        tuple(map(field_from_plain, plain["outputs"])),
        plain.get("container", "frame"),
    )
