"""Weights that all processes map: the same answers to the last bit, or they are not shared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from tests.doubles.network import WIDE, network

from trimtab.bundle.flavours import onnx_shared
from trimtab.bundle.flavours.onnx import Onnx
from trimtab.bundle.keeping.weights import weights_shared

FLAVOUR = Onnx()
ROWS = np.random.default_rng(3).standard_normal((9, WIDE)).astype(np.float32)


def load(folder: Path) -> Any:
    return FLAVOUR.load(folder, {"file": "model.onnx", "method": ""})


def mapped() -> int:
    """How often the file of packed weights is mapped here; what it was made of is not in memory."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sum("trimtab-weights-" in line for line in lines)


@pytest.fixture
def alone(tmp_path: Path) -> Any:
    """The model over the file itself, as whoever does not serve opens it."""
    return FLAVOUR.open(network(tmp_path / "model") / "model.onnx", "")


@pytest.fixture
def sharing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As in a process of a server with several: the folder of what they have in common."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    with weights_shared():
        (folder,) = (tmp_path / "scratch").iterdir()
        yield folder


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("where", [{}, {"beside": True}])
def test_weights_are_mapped_and_every_bit_is_the_same(tmp_path: Path, alone: Any, where: dict[str, bool]) -> None:
    models = []
    for number in (1, 2):
        models.append(load(network(tmp_path / "model", **where)))
        assert mapped() == number
    for model in models:
        for rows in (1, 2, 9):
            assert model({"x": ROWS[:rows]})["y"].tobytes() == alone({"x": ROWS[:rows]})["y"].tobytes()


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.BOOL, TensorProto.DOUBLE, TensorProto.FLOAT16])
def test_other_kinds_of_numbers_are_shared_too(tmp_path: Path, kind: int) -> None:
    model = load(network(tmp_path / "model", kind=kind))
    assert mapped() > 0
    assert model({"x": ROWS > 0})["y"].shape == ROWS.shape


def test_what_answers_otherwise_is_not_used(
    sharing: Path, tmp_path: Path, alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault is planted in what is saved: one of its weights is another."""
    as_it_is = onnx_shared._as_it_is  # called between saving and loading

    def spoiled(settings: Any) -> None:
        (file,) = sharing.glob("*.part/weights.bin")
        data = bytearray(file.read_bytes())
        data[: len(data) // 2] = bytes(len(data) // 2)
        file.write_bytes(data)
        as_it_is(settings)

    monkeypatch.setattr(onnx_shared, "_as_it_is", spoiled)
    model = load(tmp_path / "model")
    assert mapped() == 0
    assert model({"x": ROWS})["y"].tobytes() == alone({"x": ROWS})["y"].tobytes()


def refused(make: Callable[[], Path]) -> None:
    model = load(make())
    assert mapped() == 0
    assert model.outputs == ["y"]


def test_small_ones_are_not_worth_it(sharing: Path, tmp_path: Path) -> None:
    refused(lambda: network(tmp_path / "model", wide=100))
    assert not any(one.is_dir() for one in sharing.iterdir())


def test_large_ones_are_not_waited_for(sharing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_shared, "_MOST", 1_400_000)
    refused(lambda: network(tmp_path / "model"))
    assert not any(one.is_dir() for one in sharing.iterdir())


@pytest.mark.usefixtures("sharing")
def test_text_is_not_made_up(tmp_path: Path) -> None:
    refused(lambda: network(tmp_path / "model", kind=TensorProto.STRING))


@pytest.mark.usefixtures("sharing")
def test_a_disk_that_is_almost_full_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 10**6))
    refused(lambda: network(tmp_path / "model"))
