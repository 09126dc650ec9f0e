"""What an ONNX file says about itself that a session does not tell: other files it needs, names of its classes."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from trimtab.bundle.flavours.protobuf import fields, integers, submessages, texts
from trimtab.bundle.flavours.sources import fail, head, seen

__all__ = ["OnnxFacts", "facts"]

# field numbers of onnx.proto
_MODEL_GRAPH: Final = 7
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_OUTPUT, _NODE_TYPE, _NODE_ATTRIBUTE = 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_INTS, _ATTRIBUTE_STRINGS = 1, 5, 6, 8, 9
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 10, 11
_TENSOR_EXTERNAL, _ENTRY_KEY, _ENTRY_VALUE = 13, 1, 2


@dataclass(slots=True)
class OnnxFacts:
    """external: files beside the model that hold its weights. classes: names of each ZipMap output, in sorted order."""

    external: set[str] = field(default_factory=set)
    classes: dict[str, list[str] | list[int]] = field(default_factory=dict)


def facts(path: Path) -> OnnxFacts:
    """Reads no weights; P223 when the file is no ONNX model, P225 when its weights lie outside its folder."""
    found = OnnxFacts()
    try:
        graphs = list(submessages(_mapped(path), _MODEL_GRAPH))
        for graph in graphs:
            _graph(graph, found)
    except ValueError as error:
        raise seen(path, "an ONNX model") from error
    if not graphs:
        raise seen(path, "an ONNX model")
    for location in sorted(found.external):
        parts = PurePosixPath(location).parts
        if ".." in parts or PurePosixPath(location).is_absolute():
            raise fail("P225", f"`{path.name}` keeps weights outside its folder, in `{location}`", path)
        head(path.parent / location, 1)
    return found


def _mapped(path: Path) -> memoryview:
    """The file in memory, page by page as it is looked at; unmapped with the last view of it."""
    head(path, 1)
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _graph(graph: memoryview, found: OnnxFacts) -> None:
    for number, value in fields(graph):
        if number == _GRAPH_INITIALIZER and isinstance(value, memoryview):
            _tensor(value, found)
        elif number == _GRAPH_NODE and isinstance(value, memoryview):
            _node(value, found)


def _node(node: memoryview, found: OnnxFacts) -> None:
    zipmap = texts(node, _NODE_TYPE) == ["ZipMap"]
    for attribute in submessages(node, _NODE_ATTRIBUTE):
        for tensor in submessages(attribute, _ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            _tensor(tensor, found)
        for graph in submessages(attribute, _ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            _graph(graph, found)
        if zipmap and texts(attribute, _ATTRIBUTE_NAME)[:1] in (["classlabels_int64s"], ["classlabels_strings"]):
            output = texts(node, _NODE_OUTPUT)[0]
            # ONNX Runtime keeps the maps of a ZipMap in the order of their keys
            numbers, words = integers(attribute, _ATTRIBUTE_INTS), texts(attribute, _ATTRIBUTE_STRINGS)
            found.classes[output] = sorted(numbers) or sorted(words)


def _tensor(tensor: memoryview, found: OnnxFacts) -> None:
    for entry in submessages(tensor, _TENSOR_EXTERNAL):
        if texts(entry, _ENTRY_KEY) == ["location"]:
            found.external.update(texts(entry, _ENTRY_VALUE))
