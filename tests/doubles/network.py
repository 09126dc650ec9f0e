"""A small network in an ONNX file, with weights that are worth sharing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["WIDE", "network"]

WIDE = 600  # 1.4 MB of weights


def network(folder: Path, wide: int = WIDE, kind: int = TensorProto.FLOAT, *, beside: bool = False) -> Path:
    """Writes `model.onnx` into the folder, which it returns: one layer over rows of a kind of numbers, or of text.

    beside: weights are in a file of their own.
    """
    draw = np.random.default_rng(1)
    weights = [numpy_helper.from_array(draw.standard_normal((wide, wide)).astype(np.float32), "w")]
    cast = helper.make_node("Cast", ["x"], ["c"], to=TensorProto.FLOAT)
    layers = [helper.make_node("Gemm", ["c", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])]
    given, answer = (
        helper.make_tensor_value_info(name, made, ["rows", wide])
        for name, made in (("x", kind), ("y", TensorProto.FLOAT))
    )
    graph = helper.make_graph([cast, *layers], "g", [given], [answer], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / "model.onnx", save_as_external_data=beside, location="weights.bin", size_threshold=0)
    return folder
