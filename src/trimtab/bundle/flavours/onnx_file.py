"""What an ONNX file says about itself that a session does not tell: other files it needs, names of its classes."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trimtab.bundle.files import name_fault
from trimtab.bundle.flavours.protobuf import fields, integers, submessages, texts
from trimtab.bundle.flavours.sources import fail, head, seen

__all__ = ["OnnxFacts", "facts"]

# field numbers of onnx.proto
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTION = 7, 20, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_FUNCTION_NODE: Final = 7
_TRAINING_GRAPHS: Final = (1, 2)
_SPARSE_TENSORS: Final = (1, 2)  # values and indices
_NODE_OUTPUT, _NODE_TYPE, _NODE_ATTRIBUTE = 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_INTS, _ATTRIBUTE_STRINGS = 1, 5, 6, 8, 9
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = 10, 11, (22, 23)
_TENSOR_EXTERNAL, _ENTRY_KEY, _ENTRY_VALUE = 13, 1, 2


@dataclass(slots=True)
class OnnxFacts:
    """What a session does not tell.

    external: files beside the model that hold its weights. spans: where in them, as it is written. classes: names of
    each ZipMap output, in sorted order.
    """

    external: set[str] = field(default_factory=set)
    spans: list[dict[str, str]] = field(default_factory=list)
    classes: dict[str, list[str] | list[int]] = field(default_factory=dict)


def facts(path: Path) -> OnnxFacts:
    """Reads no weights; P223 when the file is no ONNX model, P225 when its weights lie outside its folder."""
    found = OnnxFacts()
    try:
        graphs = list(submessages(_mapped(path), _MODEL_GRAPH))
        for graph in graphs:
            _graph(graph, found)
        for function in submessages(_mapped(path), _MODEL_FUNCTION):
            for node in submessages(function, _FUNCTION_NODE):
                _node(node, found)
        for training in submessages(_mapped(path), _MODEL_TRAINING):
            for graph in submessages(training, *_TRAINING_GRAPHS):
                _graph(graph, found)
    except (ValueError, RecursionError) as error:
        raise seen(path, "an ONNX model") from error
    if not graphs:
        raise seen(path, "an ONNX model")
    for location in sorted(found.external):
        _must_be_beside(path, location)
    for span in found.spans:
        _must_be_within(path, span)
    return found


def _must_be_beside(path: Path, location: str) -> None:
    """P225 for weights in a place that is not below the model's folder, or that a link leads out of it."""
    outside = fail("P225", f"`{path.name}` keeps weights outside its folder, in `{location[:200]}`", path)
    if name_fault(location):
        raise outside
    beside = path.parent / location
    head(beside, 1)
    if not beside.resolve().is_relative_to(path.parent.resolve()):
        raise outside
    if any(part.is_symlink() for part in (beside, *beside.parents) if path.parent in part.parents):
        what = f"`{path.name}` keeps weights in `{location}`, which is a link"
        raise fail("P225", what, path, "copy the folder with the files themselves: `cp -rL`")


def _must_be_within(path: Path, span: dict[str, str]) -> None:
    """P225 for a stretch of a file that is not in the file: its size is known, and nothing is reserved before."""
    try:
        start, length = int(span.get("offset", "0")), int(span.get("length", "0"))
        size = (path.parent / span["location"]).stat().st_size
    except (ValueError, KeyError):
        start, length, size = -1, 0, 0
    if start < 0 or length < 0 or start + length > size:
        what = f"`{path.name}` takes weights from a place that `{span.get('location', '')[:200]}` does not have"
        raise fail("P225", what, path)


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
        elif number == _GRAPH_SPARSE and isinstance(value, memoryview):
            _sparse(value, found)


def _node(node: memoryview, found: OnnxFacts) -> None:
    zipmap = texts(node, _NODE_TYPE) == ["ZipMap"]
    for attribute in submessages(node, _NODE_ATTRIBUTE):
        for tensor in submessages(attribute, _ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            _tensor(tensor, found)
        for sparse in submessages(attribute, *_ATTRIBUTE_SPARSE):
            _sparse(sparse, found)
        for graph in submessages(attribute, _ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            _graph(graph, found)
        if zipmap and texts(attribute, _ATTRIBUTE_NAME)[:1] in (["classlabels_int64s"], ["classlabels_strings"]):
            output = texts(node, _NODE_OUTPUT)[0]
            # ONNX Runtime keeps the maps of a ZipMap in the order of their keys
            numbers, words = integers(attribute, _ATTRIBUTE_INTS), texts(attribute, _ATTRIBUTE_STRINGS)
            found.classes[output] = sorted(numbers) or sorted(words)


def _tensor(tensor: memoryview, found: OnnxFacts) -> None:
    span: dict[str, str] = {}
    for entry in submessages(tensor, _TENSOR_EXTERNAL):
        key, values = texts(entry, _ENTRY_KEY)[-1:], texts(entry, _ENTRY_VALUE)
        if key == ["location"]:
            found.external.update(values)  # all of them: which one counts is the reader's choice
        if key and values:
            span[key[0]] = values[-1]
    if span:
        found.spans.append(span)


def _sparse(sparse: memoryview, found: OnnxFacts) -> None:
    for tensor in submessages(sparse, *_SPARSE_TENSORS):
        _tensor(tensor, found)
