"""Model files that reach outside their folder, or promise sizes that they do not have: refused, and no memory taken."""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doubles.hostile import DECLARED, zipped

from trimtab.bundle.flavours import flavour_named
from trimtab.bundle.flavours.archives import members
from trimtab.core.errors import UserError


@pytest.mark.parametrize(
    "entries",
    [
        {"location": "../secret"},
        {"location": "/etc/hostname"},
        {"location": "link"},
        {"location": "sub/../../secret"},
        {"location": "weights", "offset": "0", "length": str(1 << 62)},
        {"location": "folder/weights"},
        {"location": "weights", "offset": "-4", "length": "4"},
        {"location": "weights", "offset": "many"},
        {"location": "sub\\..\\..\\secret"},
    ],
    ids=str,
)
def test_external_data_that_escapes_is_refused(tmp_path: Path, entries: dict[str, str]) -> None:
    import onnx
    from onnx import TensorProto, helper

    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    for place in (tmp_path / "secret", folder / "weights", tmp_path / "outside" / "weights"):
        place.write_bytes(bytes(16))
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path / "outside")
    tensor = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [tensor])
    model = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    assert onnx.load(folder / "model.onnx", load_external_data=False)
    flavour, file, options = DECLARED["onnx"]
    (tmp_path / "out").mkdir()
    for call in (
        lambda: flavour_named(flavour).load(folder, options),
        lambda: flavour_named(flavour).open(folder / file, ""),
        lambda: flavour_named(flavour).save(folder / file, tmp_path / "out", ""),
    ):
        with pytest.raises(UserError) as caught:
            call()
        assert [problem.code for problem in caught.value.problems] == ["P225"]
    assert list((tmp_path / "out").iterdir()) == []


def peak_of(action: Callable[[], object]) -> int:
    """MiB that a process takes more than this one, doing it; it must end with an error of ours."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                action()
            except UserError:
                os.write(writing, b"%d" % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        return int(file.read()) >> 10


def header(shape: str) -> bytes:
    """A .npy file that promises numbers it does not have."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape},), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def deflated(name: str, size: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return data.getvalue()


NODE = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": "x.npy"}
SCHEMA = json.dumps({**NODE, "protocol": 2, "_skops_version": "0.11", "__id__": 1}).encode()
BOMBS: dict[str, Callable[[], tuple[str, bytes]]] = {
    "npy header": lambda: ("skops", zipped(schema_dot_json=SCHEMA, x_dot_npy=header(str(10**11)))),
    "npy header of a size": lambda: ("skops", zipped(schema_dot_json=SCHEMA, x_dot_npy=header(str(10**9)))),
    "zip": lambda: ("skops", deflated("schema.json", 1 << 28)),
    "zip of torch": lambda: ("pt", deflated("a/data.pkl", 1 << 28)),
    "UBJSON": lambda: ("ubj", b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$d#L" + struct.pack(">q", 10**12)),
    "ONNX": lambda: ("onnx", b"\x3a\xff\xff\xff\xff\x0f"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_size_that_is_only_promised_takes_no_memory(tmp_path: Path, name: str) -> None:
    kind, data = BOMBS[name]()
    flavour, file, options = DECLARED[kind]
    (tmp_path / file).write_bytes(data)
    with pytest.raises(UserError):
        flavour_named(flavour).load(tmp_path, options)  # what it imports is here now
    assert peak_of(lambda: flavour_named(flavour).load(tmp_path, options)) < 100


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    data = zipped(schema_dot_json=b"{}", schemaXjson=b"[]").replace(b"schemaXjson", b"schema.json")
    (tmp_path / "m.skops").write_bytes(data)
    with pytest.raises(UserError, match="two members"):
        members(tmp_path / "m.skops")


def test_an_archive_of_a_later_kind_is_refused_as_that(tmp_path: Path) -> None:
    data = bytearray(zipped(data_dot_pkl=b"x"))
    data[data.index(b"PK\x01\x02") + 6] = 99  # the version of the format that is needed to read it
    (tmp_path / "m.pt").write_bytes(data)
    with pytest.raises(UserError) as caught:
        members(tmp_path / "m.pt")
    (problem,) = caught.value.problems
    assert (problem.code, "of a later kind" in problem.what) == ("P225", True)
