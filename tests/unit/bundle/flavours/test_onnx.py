from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from trimtab.bundle.flavours.onnx import Onnx, fields
from trimtab.bundle.flavours.onnx_file import facts
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field

FLAVOUR = Onnx()


def graph(nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: list[Any] | None = None) -> Any:
    made = helper.make_graph(nodes, "g", inputs, outputs, weights or [])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def value(name: str, shape: list[Any], kind: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def sums(shape: list[Any]) -> Any:
    return graph([helper.make_node("Identity", ["x"], ["y"])], [value("x", shape)], [value("y", shape)])


def written(model: Any, folder: Path) -> Path:
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    return folder / "m.onnx"


def problem(call: Any) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


def test_inputs_and_outputs_are_known_without_a_sample(parts: ModuleType, tmp_path: Path) -> None:
    inputs, outputs = fields(parts.onnx_file(tmp_path))
    assert inputs == (Field("X", "FP32", (-1, 3)),)
    assert outputs == (Field("label", "BYTES"), Field("probabilities", "FP32", (-1, 3)))


def test_maps_have_their_classes_by_name(parts: ModuleType, tmp_path: Path) -> None:
    _, outputs = fields(parts.onnx_zipmap(tmp_path))
    assert outputs[1] == Field("output_probability", "FP32", (-1, 3), categories=("gold", "iron", "wood"))


def test_maps_become_an_array_with_a_column_a_class(parts: ModuleType, tmp_path: Path) -> None:
    rows = parts.matrix()
    plain = FLAVOUR.open(parts.onnx_file(tmp_path), "")(rows)["probabilities"]
    maps = FLAVOUR.open(parts.onnx_zipmap(tmp_path), "")(rows)["output_probability"]
    assert (maps.dtype, maps.tolist()) == (np.float32, plain.tolist())
    (tmp_path / "out").mkdir()
    options = FLAVOUR.save(parts.onnx_zipmap(tmp_path), tmp_path / "out", "")
    assert options["classes"] == {"output_probability": ["gold", "iron", "wood"]}


def test_the_method_is_the_one_output_wanted(parts: ModuleType, tmp_path: Path) -> None:
    path = parts.onnx_zipmap(tmp_path)
    assert list(FLAVOUR.open(path, "output_label")(parts.matrix())) == ["output_label"]
    (tmp_path / "out").mkdir()
    assert FLAVOUR.save(path, tmp_path / "out", "output_label") == {"file": "model.onnx", "method": "output_label"}
    found = problem(lambda: FLAVOUR.open(path, "output_labels"))
    assert (found.code, found.hint) == ("P226", "did you mean `output_label`?")


def test_a_frame_goes_into_one_input_as_a_matrix(parts: ModuleType) -> None:
    import pandas as pd

    model = FLAVOUR.open(parts.onnx_classifier(), "")
    rows = parts.matrix()
    wanted = model(rows)["probabilities"].tolist()
    assert model(rows.astype(np.float64))["probabilities"].tolist() == wanted
    assert model(pd.DataFrame(rows, columns=["a", "b", "c"]))["probabilities"].tolist() == wanted
    assert model({"X": rows})["probabilities"].tolist() == wanted
    assert model({"a": rows[:, 0], "b": rows[:, 1], "c": rows[:, 2]})["probabilities"].tolist() == wanted


def test_a_frame_goes_into_several_inputs_by_name(parts: ModuleType) -> None:
    model, rows = FLAVOUR.open(parts.onnx_columns(), ""), parts.frame()
    got = model(rows[["plan", "spend", "tenure"]])["probabilities"]
    assert np.allclose(got, parts.pipeline().predict_proba(rows), atol=1e-5)
    arrays = {name: rows[name].to_numpy() for name in rows}
    assert model(arrays)["probabilities"].tolist() == got.tolist()


def test_an_input_that_is_not_given_is_named(parts: ModuleType) -> None:
    model = FLAVOUR.open(parts.onnx_columns(), "")
    found = problem(lambda: model(parts.numbers()))
    assert (found.code, found.what) == ("P229", "the model's inputs `plan` are not in what it was given")


@pytest.mark.parametrize(
    ("kind", "given", "what"),
    [
        (TensorProto.STRING, pd.DataFrame({"x": ["a", None]}), "takes text, not `nan`"),
        (TensorProto.STRING, {"x": np.array(["a", None], object)}, "takes text, not `None`"),
        (TensorProto.INT64, pd.DataFrame({"x": [1.0, np.nan]}), "takes integers of its width, not `nan`"),
        (TensorProto.INT64, pd.DataFrame({"x": [1.0, 2.5]}), "takes integers of its width, not `2.5`"),
        (TensorProto.INT8, {"x": np.array([1, 300])}, "takes integers of its width, not `300`"),
        (TensorProto.UINT8, np.array([[1], [-1]]), "takes positive integers of its width, not `-1`"),
        (TensorProto.BOOL, {"x": np.array([1, 2])}, "takes booleans, not `2`"),
    ],
)
def test_a_value_that_an_input_would_turn_into_another_is_refused(kind: int, given: Any, what: str) -> None:
    node = helper.make_node("Identity", ["x"], ["y"])
    model = FLAVOUR.open(graph([node], [value("x", ["n", 1], kind)], [value("y", ["n", 1], kind)]), "")
    found = problem(lambda: model(given))
    assert (found.code, found.what) == ("P229", f"the model's input `x` {what}")
    assert model(given[:1] if isinstance(given, (pd.DataFrame, np.ndarray)) else {"x": given["x"][:1]})["y"].shape == (
        1,
        1,
    )


def test_shapes_and_dtypes_are_kept(tmp_path: Path) -> None:
    model = graph(
        [helper.make_node("Identity", [name], [f"out_{name}"]) for name in ("a", "b", "c")],
        [
            value("a", ["n"], TensorProto.INT64),
            value("b", ["n", 2, "free"], TensorProto.BOOL),
            value("c", [None, 1], TensorProto.STRING),
        ],
        [
            value("out_a", ["n"], TensorProto.INT64),
            value("out_b", ["n", 2, "free"], TensorProto.BOOL),
            value("out_c", [None, 1], TensorProto.STRING),
        ],
    )
    inputs, outputs = fields(written(model, tmp_path))
    assert inputs == (Field("a", "INT64"), Field("b", "BOOL", (-1, 2, -1)), Field("c", "BYTES", (-1, 1)))
    assert [field.shape for field in outputs] == [(-1,), (-1, 2, -1), (-1, 1)]


@pytest.mark.parametrize(("shape", "words"), [([2, 3], "takes exactly [2, 3]"), ([], "takes exactly one value")])
def test_a_fixed_number_of_rows_is_refused(tmp_path: Path, shape: list[Any], words: str) -> None:
    found = problem(lambda: fields(written(sums(shape), tmp_path)))
    assert found.code == "P228"
    assert words in found.what
    assert "dynamic" in found.hint


def test_a_type_that_no_row_can_hold_is_refused(tmp_path: Path) -> None:
    model = graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        [value("x", ["n"], TensorProto.COMPLEX64)],
        [value("y", ["n"], TensorProto.COMPLEX64)],
    )
    assert problem(lambda: fields(written(model, tmp_path))).code in ("P225", "P228")


def external(folder: Path, location: str) -> Path:
    """A model that keeps its weights in another file."""
    weights = numpy_helper.from_array(np.arange(300, dtype=np.float32).reshape(1, 300), "w")
    model = graph(
        [helper.make_node("Add", ["x", "w"], ["y"])], [value("x", ["n", 300])], [value("y", ["n", 300])], [weights]
    )
    onnx.save(model, folder / "big.onnx", save_as_external_data=True, location=location, size_threshold=0)
    return folder / "big.onnx"


def test_weights_in_another_file_come_along(tmp_path: Path) -> None:
    path = external(tmp_path, "big.onnx.data")
    assert facts(path).external == {"big.onnx.data"}
    out = tmp_path / "out"
    out.mkdir()
    options = FLAVOUR.save(path, out, "")
    assert sorted(file.name for file in out.iterdir()) == ["big.onnx.data", "model.onnx"]
    path.unlink()
    (tmp_path / "big.onnx.data").unlink()
    assert FLAVOUR.load(out, options)(np.zeros((1, 300)))["y"].tolist() == [list(range(300))]


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = external(tmp_path, "big.onnx.data")
    (tmp_path / "big.onnx.data").unlink()
    found = problem(lambda: FLAVOUR.save(path, tmp_path, ""))
    assert (found.code, found.where) == ("P220", str(tmp_path / "big.onnx.data"))


@pytest.mark.parametrize("location", ["../big.data", "/etc/big.data"])
def test_weights_outside_the_models_folder_are_refused(tmp_path: Path, location: str) -> None:
    path = external(tmp_path, "big.data")
    swapped = onnx.load(path, load_external_data=False)
    (entry,) = [one for one in swapped.graph.initializer[0].external_data if one.key == "location"]
    entry.value = location
    path.write_bytes(swapped.SerializeToString())
    found = problem(lambda: FLAVOUR.open(path, ""))
    assert found.code == "P225"
    assert location in found.what


def test_a_damaged_file_is_refused(parts: ModuleType, tmp_path: Path) -> None:
    whole = parts.onnx_file(tmp_path).read_bytes()
    (tmp_path / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    assert problem(lambda: FLAVOUR.open(tmp_path / "cut.onnx", "")).code == "P223"
    (tmp_path / "odd.onnx").write_bytes(b"\x08\x08")
    assert problem(lambda: FLAVOUR.open(tmp_path / "odd.onnx", "")).code == "P223"
    model = sums(["n", 3])
    model.graph.node[0].op_type = "NoSuchOperator"
    found = problem(lambda: FLAVOUR.open(written(model, tmp_path), ""))
    assert found.code == "P225"
    assert "NoSuchOperator" in found.what
