"""Bodies in every form, and answers in every form as numbers."""

import json

import numpy as np
import pytest

ROWS = np.array([[0.5, -1.25], [3.0, 0.0]], np.float32)


@pytest.mark.parametrize(
    ("form", "path"), [("rows", ("rows",)), ("inputs", ("inputs",)), ("oip", ("inputs", 0, "data"))]
)
def test_a_json_body_holds_the_rows(bench, form, path):
    value = json.loads(bench("workloads").encode(form, ROWS).data)
    for step in path:
        value = value[step]
    assert np.array(value, np.float32).reshape(ROWS.shape).tolist() == ROWS.tolist()


@pytest.mark.parametrize("form", ["raw", "oip-binary"])
def test_a_binary_body_ends_in_the_rows_as_they_lie_in_memory(bench, form):
    body = bench("workloads").encode(form, ROWS)
    head = int(body.headers.get("Inference-Header-Content-Length", 0))
    assert body.data[head:] == ROWS.tobytes()
    if head:
        tensor = json.loads(body.data[:head])["inputs"][0]
        assert (tensor["shape"], tensor["datatype"]) == ([2, 2], "FP32")
        assert tensor["parameters"]["binary_data_size"] == len(ROWS.tobytes())


@pytest.mark.parametrize(
    "answer",
    [
        [0.5, 2.0],
        [[0.5], [2.0]],
        {"predictions": [0.5, 2.0]},
        {"predictions": {"scores": [[0.5, 2.0]]}},
        {"outputs": [{"data": [0.5, 2.0]}]},
    ],
)
def test_json_answers_are_flat_numbers(bench, answer):
    assert bench("workloads").numbers({}, json.dumps(answer).encode()) == [0.5, 2.0]


def test_binary_answers_are_numbers_of_their_own_type(bench):
    numbers, values = bench("workloads").numbers, np.array([0.5, 2.0], np.float32)
    head = json.dumps({"outputs": [{"datatype": "FP32"}]}).encode()
    fields = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(head))}
    assert numbers(fields, head + values.tobytes()) == [0.5, 2.0]
    assert numbers({"content-type": "application/octet-stream"}, values.astype(np.float64).tobytes()) == [0.5, 2.0]


def test_a_pool_is_read_as_it_was_written(bench, tmp_path):
    bodies = [bench("workloads").encode("oip-binary", ROWS + number) for number in range(3)]
    bench("workloads").write_pool(tmp_path / "pool", bodies)
    head, read = bench("load").read_pool(tmp_path / "pool")
    assert read == [body.data for body in bodies]
    assert head.splitlines() == [f"{name}: {value}" for name, value in bodies[0].headers.items()]
