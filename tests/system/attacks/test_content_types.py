"""Bodies that ask for another reader: pickle, joblib, arrays, tables, YAML, forms. There are two readers, no more."""

from __future__ import annotations

import io
import pickle
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.system.attacks.target import INFER, ROWS, Target

JSON = b'[{"x":1.0}]'
PARTS = b"--b\r\ncontent-disposition:form-data;name=a\r\n\r\n\r\n" * 20_000


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def dressed(canary: Canary) -> dict[str, tuple[str, bytes]]:
    """Bodies that run or cost something in the hands of the reader that they ask for."""
    file, table = io.BytesIO(), io.BytesIO()
    joblib.dump(canary, file, compress=3)
    array = io.BytesIO()
    np.save(array, np.array([canary], object), allow_pickle=True)
    pq.write_table(pa.table({"x": [1.0]}), table)
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, pa.schema([("x", pa.float64())])) as writer:
        writer.write_table(pa.table({"x": [1.0]}))
    yaml = f"!!python/object/apply:pathlib.Path.touch ['{canary.path}']".encode()
    return {
        "a pickle": ("application/x-pickle", pickle.dumps(canary)),
        "a pickle of the Python kind": ("application/python-pickle", pickle.dumps(canary, 0)),
        "joblib": ("application/x-joblib", file.getvalue()),
        "an array of objects": ("application/x-npy", array.getvalue()),
        "a table": ("application/vnd.apache.parquet", table.getvalue()),
        "a stream of tables": ("application/vnd.apache.arrow.stream", stream.getvalue()),
        "YAML": ("application/yaml", yaml),
        "YAML as text": ("text/yaml", yaml),
        "XML": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        "MessagePack": ("application/msgpack", b"\x91\x81\xa1x\x01"),
        "a form": ("application/x-www-form-urlencoded", b"x=1&" * 200_000),
        "twenty thousand parts": ("multipart/form-data; boundary=b", PARTS + b"--b--\r\n"),
        "a boundary of its own size": (f"multipart/form-data; boundary={'b' * 30_000}", b"--b--"),
    }


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    """What must not be made."""
    return Canary(tmp_path / "canary")


def test_the_canary_works(canary: Canary) -> None:
    """Otherwise the next test shows nothing."""
    for name in ("a pickle", "joblib"):
        body = dressed(canary)[name][1]
        joblib.load(io.BytesIO(body)) if name == "joblib" else pickle.loads(body)
        assert canary.path.exists()
        canary.path.unlink()


def test_content_type_tricks(target: Target, canary: Canary) -> None:
    """Each is refused at once for what it says it is, and read as JSON, which it is not, when it says so."""
    for name, (kind, body) in dressed(canary).items():
        for path in (ROWS, INFER):
            began = time.monotonic()
            assert target.send("POST", path, body, {"content-type": kind})[0] == 415, name
            assert time.monotonic() - began < 0.5, name
            for said in ("application/json", "application/octet-stream"):
                status, _, answer = target.send("POST", path, body, {"content-type": said})
                assert status in (400, 415), (name, answer)
        # the control plane reads JSON, whatever a body says it is
        status = target.send("POST", "/v2/repository/index", body[:60_000], {"content-type": kind}, admin=True)[0]
        assert status == 400, name
    assert not canary.path.exists()


OTHERS = [
    "application/json; charset=utf-7", "application/json; charset=utf-16", "application/json; charset=latin-1",
    "application/json; charset=utf-8; charset=utf-16", "application/json; boundary=b", "text/json", "*/*", "",
    "application/json, application/x-pickle", "application/x-pickle, application/json", "text/plain",
    "application/jsonx", "application/json\x0b", "application", "application/vnd.other+json",
]  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_content_type_tricks_with_words(target: Target, kind: str) -> None:
    """What only looks like the type that is taken is another one."""
    assert target.send("POST", ROWS, JSON, {"content-type": kind})[0] in (400, 415)


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON", 'application/json; charset="UTF-8"'])
def test_content_types_that_are_the_one(target: Target, kind: str) -> None:
    """Their number is small."""
    assert target.send("POST", ROWS, JSON, {"content-type": kind})[0] == 200


def test_content_type_tricks_with_several_and_with_none(target: Target) -> None:
    """Two headers are one that names two; none at all is JSON, as Triton's client sends it, or is refused."""
    for kinds, status in (
        (("application/json", "application/x-pickle"), 415),
        (("application/x-pickle", "application/json"), 415),
        (("application/json", "application/json"), 415),
        ((), 200),
    ):
        kind = "".join(f"content-type: {kind}\r\n" for kind in kinds)
        ask = f"POST {ROWS} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: 11\r\n\r\n"
        assert target.raw(ask.encode() + JSON).startswith(b"HTTP/1.1 %d " % status), kinds
    ask = f"POST {ROWS} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 3\r\n\r\n"
    assert target.raw(ask.encode() + pickle.dumps(1)[:3]).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("body", ["utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig"])
def test_content_type_tricks_by_encoding(target: Target, body: str) -> None:
    """JSON is UTF-8 without a mark."""
    data = '[{"x": 1.0, "do": "é+"}]'.encode(body)
    assert target.send("POST", ROWS, data)[0] == (200 if body == "utf-7" else 400)


@pytest.mark.parametrize("wanted", ["application/x-pickle", "application/octet-stream", "text/html", "x" * 30_000])
def test_nobody_chooses_the_form_of_an_answer(target: Target, wanted: str) -> None:
    """What is accepted picks no other writer."""
    status, headers, _ = target.send("POST", ROWS, JSON, {"accept": wanted})
    assert (status, headers["content-type"], headers["x-content-type-options"]) == (200, "application/json", "nosniff")
