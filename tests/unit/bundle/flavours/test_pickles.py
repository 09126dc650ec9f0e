from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pytest

from trimtab.bundle.flavours.pickles import pickle_format, refuse_main, steady_pickle
from trimtab.core.errors import UserError


@pytest.mark.parametrize(
    "squeeze",
    [
        *(lambda data, level=level: zlib.compress(data, level) for level in (1, 6, 9)),
        gzip.compress,
        bz2.compress,
        lzma.compress,
    ],
)
def test_compressed_pickles_are_joblibs(tmp_path: Path, squeeze: Callable[[bytes], bytes]) -> None:
    (tmp_path / "m.pkl").write_bytes(squeeze(pickle.dumps([1, 2])))
    assert pickle_format(tmp_path / "m.pkl") == "joblib"
    assert joblib.load(tmp_path / "m.pkl") == [1, 2]


def test_a_pickle_with_joblibs_arrays_inside_is_joblibs(tmp_path: Path) -> None:
    joblib.dump([np.arange(3)], tmp_path / "arrays.pkl")
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps([np.arange(3)]))
    assert pickle_format(tmp_path / "arrays.pkl") == "joblib"
    assert pickle_format(tmp_path / "plain.pkl") == "pickle"


def test_the_declared_suffix_decides_between_two_that_fit(tmp_path: Path) -> None:
    (tmp_path / "plain.joblib").write_bytes(pickle.dumps([1]))
    assert pickle_format(tmp_path / "plain.joblib") == "joblib"


def test_what_is_no_pickle_has_no_format(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"hello")
    assert pickle_format(tmp_path / "m.pkl") == ""


def test_sets_and_records_are_written_the_same_each_time() -> None:
    kind = np.dtype([("a", "i8"), ("b", "u1")], align=True)
    dirty = np.frombuffer(b"\x00" * 9 + b"junk!!!" + b"\x00" * 16, kind)
    one = {"words": {"a", "b", "c"}, "fixed": frozenset("xyz"), "nodes": np.zeros(2, kind)}
    two = {"words": {"c", "b", "a"}, "fixed": frozenset("zyx"), "nodes": dirty}
    assert steady_pickle(one) == steady_pickle(two)
    back = joblib.load(io.BytesIO(steady_pickle(two)))
    assert (back["words"], back["fixed"]) == ({"a", "b", "c"}, frozenset("xyz"))
    assert back["nodes"].tolist() == [(0, 0), (0, 0)]


def test_arrays_come_back_bit_for_bit(parts: ModuleType) -> None:
    rows: Any = parts.matrix()
    assert joblib.load(io.BytesIO(steady_pickle([rows, rows.T])))[1].tobytes() == rows.T.tobytes()


def test_what_cannot_be_pickled_is_said_with_what_helps() -> None:
    with pytest.raises(UserError) as caught:
        steady_pickle({"function": lambda rows: rows})
    (problem,) = caught.value.problems
    assert problem.code == "P227"
    assert problem.what.startswith("the `dict` cannot be saved: ")
    assert "lambda" in problem.hint


def test_code_of_the_main_program_is_refused() -> None:
    refuse_main(b"__main", 1)
    with pytest.raises(UserError, match="uses code of `__main__`, which no server has"):
        refuse_main(b"c__main__\nModel\n", object())
