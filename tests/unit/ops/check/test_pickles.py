import collections
import io
import os
import pickle

import joblib
import numpy as np
import pytest

from trimtab.ops.check.pickles import dangerous, is_pickle, names_in


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/never",)


class Sneaky:
    def __reduce__(self):
        return getattr, (os, "getcwd")


def joblib_bytes(value):
    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_of_a_program_is_named_by_every_protocol_and_not_made(protocol, tmp_path):
    mark = tmp_path / "made"

    class Marks:
        def __reduce__(self):
            return os.mkdir, (str(mark),)

    names = names_in(pickle.dumps({"model": [1, Marks(), Evil()]}, protocol))
    assert {"posix.mkdir", "posix.system"} <= set(names)
    assert dangerous(names) == [name for name in names if name.startswith("posix")]
    assert not mark.exists()


def test_what_a_model_is_made_of_is_harmless():
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(np.random.default_rng(0).random((20, 2)), [0, 1] * 10)
    for data in (pickle.dumps(model), joblib_bytes(model)):
        names = names_in(data)
        assert "sklearn.linear_model._logistic.LogisticRegression" in names
        assert dangerous(names) == []


def test_names_behind_arrays_are_found_that_joblib_writes_in_between():
    fields = np.zeros(4, [("left", "<i8"), ("value", "<f8")])
    value = {"a": np.arange(1000), "b": np.array([Evil(), None], object), "c": fields, "d": collections.OrderedDict()}
    assert {"posix.system", "collections.OrderedDict"} <= set(names_in(joblib_bytes(value)))


def test_getattr_is_no_way_around():
    assert "builtins.getattr" in dangerous(names_in(pickle.dumps(Sneaky.__reduce__(Sneaky())[:1])))


def test_more_than_one_pickle_in_a_file_is_read_to_the_end():
    assert "posix.system" in names_in(pickle.dumps([1]) + pickle.dumps(Evil()))


@pytest.mark.parametrize(
    "data", [b"\x80\x04garbage", pickle.dumps([1])[:-2], b"\x80\x04\x82\x01.", joblib_bytes(np.ones(9))[:-40]]
)
def test_what_is_no_whole_pickle_says_so(data):
    with pytest.raises(ValueError, match=r"."):
        names_in(data)


def test_every_cut_of_a_pickle_is_a_value_error_or_names():
    data = joblib_bytes({"a": np.ones(3), "e": Evil()})
    for end in range(1, len(data) - 1):
        try:
            names_in(data[:end])
        except ValueError:
            continue


def test_a_pickle_is_known_by_its_beginning(tmp_path):
    for name, data, wanted in (("a", pickle.dumps(1), True), ("b", b"", False), ("c", b"\x7fELF", False)):
        (tmp_path / name).write_bytes(data)
        assert is_pickle(tmp_path / name) is wanted
