"""What counts as code."""

import gzip
import pickle
import zlib

import pytest

from trimtab.bundle.trust.formats import code_of, is_code


@pytest.mark.parametrize(
    ("files", "said", "code"),
    [
        ({"model/model.txt": b"tree"}, {"flavour": "lightgbm"}, ()),
        ({"model/model.ubj": b"{L"}, {"flavour": "xgboost"}, ()),
        ({"model/model.onnx": b"\x08\x07"}, {"flavour": "onnx"}, ()),
        ({"model/model.skops": b"PK\x03\x04"}, {"flavour": "sklearn", "options": {"format": "skops"}}, ()),
        (
            {"model/model.skops": b"PK\x03\x04"},
            {"flavour": "sklearn", "options": {"format": "skops", "trusted": ["os.system"]}},
            ("model/model.skops",),
        ),
        ({"model/m": b"?"}, {"flavour": "sklearn", "options": {"format": "joblib"}}, ("model/m",)),
        ({"model/m": b"?"}, {"flavour": "sklearn"}, ("model/m",)),
        ({"model/model.pt": b"PK\x03\x04"}, {"flavour": "torch"}, ("model/model.pt",)),
        ({"model/m": b"?"}, {"flavour": "of tomorrow"}, ("model/m",)),
        ({"golden/x.json": b"{}"}, {"flavour": "python", "options": {"reference": "os:system"}}, ("model os:system",)),
        ({"model/model.txt": b"tree"}, {"prepare": "os:system"}, ("prepare os:system",)),
        ({"code/lookup.csv": b"a,b"}, {}, ("code/lookup.csv",)),
        ({"model/model.txt": b"tree", "compiled/x.bin": pickle.dumps([1])}, {}, ("compiled/x.bin",)),
        ({"model/model.txt": b"tree", "golden/x.so": b""}, {}, ("golden/x.so",)),
    ],
)
def test_what_is_known_to_be_data_is_data_and_all_else_is_code(make, files, said, code):
    assert code_of(make(files, **said)) == code


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (pickle.dumps(1, 2), True), (pickle.dumps(1, 5), True), (gzip.compress(b"", mtime=0), True),
        (zlib.compress(b""), True),
        (b"\x7fELF", True), (b"#!/bin/sh", True), (b"{}", False), (b"", False), (b"\x93NUMPY", False),
    ],
)  # fmt: skip
def test_first_bytes_tell_whatever_the_name(head, code):
    assert is_code("golden/request.json", head[:8]) is code
