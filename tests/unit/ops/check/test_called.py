import json
import subprocess
import sys

import numpy as np

from trimtab.ops.check import called


def test_arrays_come_as_arrays_tables_as_tables_of_them_and_an_array_goes_as_a_list():
    def mean(rows, truth):
        return rows["x"] * truth

    said = json.dumps({"rows": {"x": [1.0, 2.0]}, "truth": [3, 4]})
    assert called.answer(mean, said) == {"value": [3.0, 8.0]}


def test_what_it_raises_and_what_is_no_json_is_told():
    assert called.answer(lambda **_: 1 / 0, "{}") == {"error": "ZeroDivisionError: division by zero"}
    assert "not JSON serializable" in called.answer(lambda **_: object(), "{}")["error"]
    assert called.answer(lambda **_: np.float64(0.5), "{}") == {"value": 0.5}


def test_it_answers_line_by_line_whatever_the_function_prints(tmp_path):
    (tmp_path / "own.py").write_text("def double(truth):\n    print('hello')\n    return float(truth.sum() * 2)\n")
    for reference, wanted in (("own:double", {"value": 12.0}), ("own:none", "it cannot be had: AttributeError")):
        ran = subprocess.run(
            [sys.executable, "-P", called.__file__, str(tmp_path), reference],
            input='{"truth": [1, 2, 3]}\n', capture_output=True, text=True, check=True,
        )  # fmt: skip
        told = json.loads(ran.stdout)
        assert told == wanted or told["error"].startswith(wanted)
