"""A network in the serving processes, and callers that ask it at once: each has its own answer, and a record of it."""

import contextlib
import http.client
import json
import random
import threading
from urllib.parse import urlsplit

import numpy as np
import pytest

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

CALLERS, EACH, TABLE = 16, 250, 100
SETTINGS = 'name = "net"\n[model]\npath = "none:here"\n[server.log]\nmode = "written"\n'


def looks_up(path):
    """y = 2 a + 3 b + table[c], where the table has a hundred places and nothing is answered for others."""
    from onnx import TensorProto, helper, numpy_helper, save

    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 3])]
    answered = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows"])]
    constants = {
        "weights": np.array([2, 3, 0], np.float32), "table": np.arange(TABLE, dtype=np.float32) * 1000,
        "last": np.array([2], np.int64), "axis": np.array([1], np.int64),
    }  # fmt: skip
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["sum"]),
        helper.make_node("Gather", ["x", "last"], ["column"], axis=1),
        helper.make_node("Squeeze", ["column", "axis"], ["place"]),
        helper.make_node("Cast", ["place"], ["number"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "number"], ["found"], axis=0),
        helper.make_node("Add", ["sum", "found"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "net", given, answered, [numpy_helper.from_array(value, name) for name, value in constants.items()]
    )
    save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), path)


@pytest.fixture
def server(start, tmp_path):
    """Of two processes, with a journal."""
    model, store = tmp_path / "model/net.onnx", tmp_path / "store"
    model.parent.mkdir()
    looks_up(str(model))
    package(Recipe(name="net", root=tmp_path, model=model, lock="off", container="arrays"), Store(store))
    (tmp_path / "trimtab.toml").write_text(SETTINGS)
    words = ("serve", "net", "--store", str(store), "--port", "0", "--json", "--processes", "2")
    child = start("trimtab", *words, cwd=tmp_path)
    child.wait_until(lambda: "address" in child.out)
    yield urlsplit(json.loads(child.out.splitlines()[0])["address"]).netloc
    child.stop()


def asked(connection, rows):
    """Status and answers; bodies of as many rows have the same length, so that they take the lane."""
    data = ",".join(f"{value:6d}" for row in rows for value in row)
    body = f'{{"inputs":[{{"name":"x","shape":[{len(rows)},3],"datatype":"FP32","data":[{data}]}}]}}'
    connection.request("POST", "/v2/models/net/infer", body)
    response = connection.getresponse()
    said = json.load(response)
    return response.status, said["outputs"][0]["data"] if response.status == 200 else said["code"]


def test_thousands_of_requests_at_once_each_get_their_own_answer_and_record(server):
    wrong, statuses, lock = [], [], threading.Lock()

    def call(seed):
        own, seen = random.Random(seed), []
        with contextlib.closing(http.client.HTTPConnection(server, timeout=60)) as connection:
            for _ in range(EACH):
                rows = [
                    [own.randrange(1000), own.randrange(1000), own.randrange(TABLE)] for _ in range(own.randint(1, 6))
                ]
                faulty = own.random() < 0.1
                if faulty:
                    rows[own.randrange(len(rows))][2] = TABLE + own.randrange(9)
                wanted = (500, "P318") if faulty else (200, [2 * a + 3 * b + 1000 * c for a, b, c in rows])
                found = asked(connection, rows)
                seen.append((found[0], len(rows)))
                if found != wanted:
                    wrong.append((rows, found))
        with lock:
            statuses.extend(seen)

    threads = [threading.Thread(target=call, args=(seed,)) for seed in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(statuses) == CALLERS * EACH
    with contextlib.closing(http.client.HTTPConnection(server, timeout=60)) as connection:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    counted = {line.split(" ")[0]: float(line.split(" ")[-1]) for line in lines if line.startswith("trimtab_")}
    assert counted['trimtab_interactions_total{outcome="kept"}'] == len(statuses)
    assert counted['trimtab_rows_total{model="net"}'] == sum(rows for status, rows in statuses if status == 200)
