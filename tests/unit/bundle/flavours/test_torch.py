from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.flavours.skops_file import stored_zip
from trimtab.bundle.flavours.torch import Torch
from trimtab.bundle.flavours.torch_file import kind_of, without_traces
from trimtab.core.errors import Problem, UserError

torch = pytest.importorskip("torch", reason="needs torch, whose CPU wheel is not installed here")
pytestmark = pytest.mark.torch
FLAVOUR = Torch()


class Pair(NamedTuple):
    low: Any
    high: Any


class Two(torch.nn.Module):
    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return left - right


class Answers(torch.nn.Module):
    """Gives back what it was made with, as a function of its input."""

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, rows: Any) -> Any:
        return self.shape(rows)


class Branches(torch.nn.Module):
    """Cannot be scripted: it calls what TorchScript does not know."""

    def forward(self, rows: Any) -> Any:
        return rows * len(globals())


class Methods(torch.nn.Module):
    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows

    @torch.jit.export
    def twice(self, rows: torch.Tensor) -> torch.Tensor:
        return rows * 2


def problem(call: Any) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


def scripted(module: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(module)


def test_answers_are_the_modules_own_in_evaluation_mode(parts: ModuleType) -> None:
    net, rows = parts.torch_net(), parts.matrix()
    assert net.training
    with torch.inference_mode():
        wanted = parts.torch_net().eval()(torch.from_numpy(rows)).numpy()
    got = FLAVOUR.open(net, "")(rows)["prediction"]
    assert (got.dtype, got.tolist()) == (np.float32, wanted.tolist())
    assert net.training


def test_every_container_gives_the_same_answer(parts: ModuleType, tmp_path: Path) -> None:
    rows = parts.matrix()
    for path in (parts.torch_script(tmp_path), parts.torch_pt2(tmp_path)):
        model = FLAVOUR.open(path, "")
        wanted = model(rows)["prediction"].tolist()
        frame = pd.DataFrame(rows.astype(np.float64), columns=["a", "b", "c"])
        assert model(frame)["prediction"].tolist() == wanted
        assert model({"input": rows})["prediction"].tolist() == wanted
        assert model(np.asfortranarray(rows.astype(np.float64)))["prediction"].tolist() == wanted


def test_memory_that_may_not_be_written_is_copied(parts: ModuleType) -> None:
    rows = parts.matrix()
    rows.flags.writeable = False
    assert len(FLAVOUR.open(parts.torch_net(), "")(rows)["prediction"]) == len(rows)


def test_integers_stay_integers_and_floats_take_the_weights_precision() -> None:
    kinds = FLAVOUR.open(Answers(lambda rows: rows), "")
    assert kinds(np.array([[1]], np.int64))["prediction"].dtype == np.int64
    assert kinds(np.array([[True]]))["prediction"].dtype == np.bool_
    assert kinds(np.array([[1.0]], np.float64))["prediction"].dtype == np.float32
    double = FLAVOUR.open(torch.nn.Linear(1, 1).double(), "")
    assert double(np.array([[1.0]], np.float32))["prediction"].dtype == np.float64


def test_arrays_are_given_by_the_names_of_the_arguments(tmp_path: Path) -> None:
    left, right = np.array([5.0, 6.0]), np.array([1.0, 2.0])
    options = FLAVOUR.save(Two(), tmp_path, "")
    for model in (FLAVOUR.open(Two(), ""), FLAVOUR.load(tmp_path, options)):
        assert model({"right": right, "left": left})["prediction"].tolist() == [4, 4]
        assert model({"a": left, "b": right})["prediction"].tolist() == [4, 4]


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (lambda rows: rows, ["prediction"]),
        (lambda rows: (rows,), ["prediction"]),
        (lambda rows: (rows, rows), ["output_0", "output_1"]),
        (lambda rows: [rows, rows], ["output_0", "output_1"]),
        (lambda rows: {"a": rows, "b": rows}, ["a", "b"]),
        (lambda rows: Pair(rows, rows), ["low", "high"]),
        (lambda rows: rows.to(torch.bfloat16), ["prediction"]),
    ],
)
def test_answers_have_names(shape: Any, names: list[str]) -> None:
    got = FLAVOUR.open(Answers(shape), "")(np.ones((2, 1), np.float32))
    assert list(got) == names
    assert all(values.tolist() == [[1], [1]] for values in got.values())


def test_a_method_that_torchscript_exports_can_be_served(tmp_path: Path) -> None:
    options = FLAVOUR.save(Methods(), tmp_path, "twice")
    assert FLAVOUR.load(tmp_path, options)(np.ones((1, 1)))["prediction"].tolist() == [[2]]
    found = problem(lambda: FLAVOUR.load(tmp_path, {**options, "method": "twic"}))
    assert (found.code, found.hint) == ("P226", "did you mean `twice`?")


def test_an_exported_program_has_forward_alone(parts: ModuleType) -> None:
    program = parts.torch_exported()
    assert len(FLAVOUR.open(program, "forward")(parts.matrix())["prediction"]) == parts.ROWS
    assert problem(lambda: FLAVOUR.open(program, "predict")).code == "P226"


def test_a_scripted_module_in_memory_is_served(parts: ModuleType, tmp_path: Path) -> None:
    net, rows = scripted(parts.torch_net()), parts.matrix()
    options = FLAVOUR.save(net, tmp_path, "")
    wanted = FLAVOUR.open(parts.torch_net(), "")(rows)["prediction"]
    assert np.array_equal(FLAVOUR.open(net, "")(rows)["prediction"], wanted)
    assert np.array_equal(FLAVOUR.load(tmp_path, options)(rows)["prediction"], wanted)
    assert net.training


def test_a_fixed_number_of_rows_is_refused(parts: ModuleType, tmp_path: Path) -> None:
    program = parts.torch_exported(any_rows=False)
    torch.export.save(program, tmp_path / "two.pt2")
    for source in (program, tmp_path / "two.pt2"):
        found = problem(lambda source=source: FLAVOUR.open(source, ""))
        assert found.code == "P228"
        assert found.what.endswith("of the exported program takes exactly 2 rows")
        assert "dynamic_shapes" in found.hint


def test_a_module_that_cannot_be_scripted_is_told_to_be_exported(tmp_path: Path) -> None:
    found = problem(lambda: FLAVOUR.save(Branches(), tmp_path, ""))
    assert found.code == "P227"
    assert found.what.startswith("the module `Branches` cannot be scripted: ")
    assert "torch.export.export" in found.hint


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (lambda net: net.state_dict(), "is a state dict, weights without their model, which"),
        (lambda net: net, "is a pickled module (of class `torch.nn.modules.container.Sequential`), which"),
        (lambda net: {"epoch": 3, "model": net.state_dict()}, "is a state dict"),
    ],
)
@pytest.mark.parametrize("old", [False, True])
def test_pickles_are_refused(parts: ModuleType, tmp_path: Path, what: Any, words: str, *, old: bool) -> None:
    torch.save(what(parts.torch_net()), tmp_path / "net.pt", _use_new_zipfile_serialization=not old)
    found = problem(lambda: FLAVOUR.open(tmp_path / "net.pt", ""))
    assert (found.code, found.where) == ("P216", str(tmp_path / "net.pt"))
    assert ("is a pickle of an old PyTorch" if old else words) in found.what
    assert "torch.export.save" in found.hint


def test_other_archives_and_damaged_ones_are_refused(parts: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "zip.pt").write_bytes(stored_zip({"readme.txt": b"hello"}))
    assert problem(lambda: FLAVOUR.open(tmp_path / "zip.pt", "")).code == "P223"
    whole = parts.torch_script(tmp_path).read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    assert problem(lambda: FLAVOUR.open(tmp_path / "cut.pt", "")).code == "P225"


def test_the_kind_is_in_the_content_and_not_in_the_name(parts: ModuleType, tmp_path: Path) -> None:
    parts.torch_pt2(tmp_path).rename(tmp_path / "named.pt")
    assert kind_of(tmp_path / "named.pt") == "export"
    assert kind_of(parts.torch_script(tmp_path)) == "script"


def test_no_path_of_this_machine_is_written(parts: ModuleType, tmp_path: Path, root: Path) -> None:
    for name, source in {"script": parts.torch_net(), "export": parts.torch_exported()}.items():
        (tmp_path / name).mkdir()
        FLAVOUR.save(source, tmp_path / name, "")
        (file,) = (tmp_path / name).iterdir()
        with zipfile.ZipFile(file) as archive:
            text = b"".join(archive.read(entry) for entry in archive.namelist())
        assert str(root).encode() not in text
        assert b"site-packages" not in text


def test_classes_are_counted_from_zero_and_constants_are_in_order() -> None:
    def archive(first: int, second: int, constants: list[str]) -> bytes:
        code = "class A(Module):\n" + "".join(f"  {name} : Final[int] = 1\n" for name in constants) + "  def f(x): y\n"
        pickled = f"c__torch__.___torch_mangle_{first}\nA\nc__torch__.___torch_mangle_{second}\nA\n"
        return stored_zip(
            {
                "archive/data.pkl": pickled.encode(),
                f"archive/code/__torch__/___torch_mangle_{second}.py": code.encode(),
                "archive/data/0": b"___torch_mangle_77",
                "archive/code/__torch__.py.debug_pkl": b"/srv/someone",
            }
        )

    one, two = without_traces(archive(4, 9, ["a", "b"])), without_traces(archive(12, 3, ["b", "a"]))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as found:
        assert found.namelist() == [
            "archive/data.pkl",
            "archive/code/__torch__/___torch_mangle_1.py",
            "archive/data/0",
        ]
        assert found.read("archive/data/0") == b"___torch_mangle_77"
