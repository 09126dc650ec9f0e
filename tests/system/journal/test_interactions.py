"""A real server keeps what it is asked: in every dialect, when it fails, in parts; and says under which id."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.system.journal.conftest import interactions_in, records_in

ROW = {"age": 30, "plan": "plus", "spend": 1.5, "city": "Bern"}


def values(columns):
    return {name: column.values.tolist() for name, column in columns.items()}


@pytest.fixture(params=["sent", "written", "synced"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_dialect_is_kept_under_the_id_that_the_caller_is_told(serve, tmp_path: Path, mode: str) -> None:
    served = serve(journal={"folder": str(tmp_path / "journal"), "mode": mode})
    oip = json.dumps(
        {
            "id": "mine",
            "inputs": [
                {"name": "age", "datatype": "INT64", "shape": [2], "data": [30, 31]},
                {"name": "plan", "datatype": "BYTES", "shape": [2], "data": ["plus", "basic"]},
                {"name": "spend", "datatype": "FP64", "shape": [2], "data": [1.5, 2.5]},
                {"name": "city", "datatype": "BYTES", "shape": [2], "data": [None, "Bern"]},
            ],
            "outputs": [{"name": "score"}],
        }
    ).encode()
    status, headers, body = served.post("/v2/models/churn/infer", oip)
    assert (status, json.loads(body)["id"]) == (200, "mine")
    by_rows = served.post("/v1/models/churn/rows", json.dumps([ROW]).encode(), x_request_id="from-the-proxy")
    assert by_rows[0] == 200
    assert json.loads(by_rows[2])["id"] == by_rows[1]["x-request-id"]
    grpc_id = ask_grpc(served.grpc)
    time.sleep(0.2)
    first, second, third = interactions_in(tmp_path / "journal")
    assert (first.id, first.request_id, first.dialect, first.rows) == (headers["x-request-id"], "mine", "oip", 2)
    assert values(first.inputs)["age"] == [30, 31]
    assert values(first.inputs)["city"] == [None, "Bern"]
    assert values(first.outputs) == {"score": [3.0, 5.0], "label": ["3", "5"]}
    assert (second.id, second.request_id) == (by_rows[1]["x-request-id"], "from-the-proxy")
    assert (third.id, third.dialect, values(third.outputs)["score"]) == (grpc_id, "grpc", [4.0])
    assert {one.principal for one in (first, second, third)} == {""}
    assert {one.revision for one in (first, second, third)} == {f"sha256:{'ab' * 32}"}
    assert {one.status for one in (first, second, third)} == {200}
    assert 0 < first.seconds < 5
    assert abs(first.time - time.time()) < 60


def ask_grpc(address: str) -> str:
    """One call of another program's client; the id that the answer's metadata has."""
    import grpc

    from trimtab.server.grpc.proto import load

    rpc = load("inference").rpcs["ModelInfer"]
    request = rpc.request(model_name="churn")
    for name, kind, field, value in (
        ("age", "INT64", "int64_contents", 40),
        ("plan", "BYTES", "bytes_contents", b"plus"),
        ("spend", "FP64", "fp64_contents", 2.0),
        ("city", "BYTES", "bytes_contents", b"Basel"),
    ):
        tensor = request.inputs.add(name=name, datatype=kind, shape=[1])
        getattr(tensor.contents, field).append(value)
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(
            f"/{load('inference').name}/ModelInfer",
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        _, about = call.with_call(request, timeout=20)
    return dict(about.trailing_metadata())["x-request-id"]


def test_what_fails_is_kept_as_far_as_it_went(serve, tmp_path: Path) -> None:
    served = serve(journal={"folder": str(tmp_path / "journal")})
    path = "/v1/models/churn/rows"
    assert served.post(path, b"{")[0] == 400
    assert served.post(path, json.dumps([ROW | {"age": 999}]).encode())[0] == 422
    failed = served.post(path, json.dumps([ROW | {"age": 13}]).encode())
    assert failed[0] == 500
    assert served.post(path, json.dumps([ROW | {"age": 14}]).encode(), x_request_timeout_ms="100")[0] == 504
    assert served.post("/v1/models/none/rows", b"[]")[0] == 404
    found = interactions_in(tmp_path / "journal")
    assert [(one.status, one.error, one.rows) for one in found] == [
        (400, "P310", 0), (422, "P301", 0), (500, "P318", 1), (504, "P319", 1),
    ]  # fmt: skip
    assert values(found[2].inputs)["age"] == [13]
    assert not found[2].outputs
    assert found[2].id == failed[1]["x-request-id"] == json.loads(failed[2])["id"]


def test_of_a_sample_the_share_is_kept_with_its_probability(serve, tmp_path: Path) -> None:
    served = serve(journal={"folder": str(tmp_path / "journal"), "interactions": 0.25, "errors": 1.0})
    connection = http.client.HTTPConnection(served.http, timeout=20)
    good, bad = json.dumps([ROW]), json.dumps([ROW | {"age": 999}])
    for number in range(600):
        connection.request("POST", "/v1/models/churn/rows", bad if number % 6 == 0 else good)
        connection.getresponse().read()
    found = interactions_in(tmp_path / "journal")
    answered = [one for one in found if one.status == 200]
    assert {one.sampled for one in answered} == {0.25}
    assert 70 <= len(answered) <= 190  # of 500: a hair's breadth from never being outside
    assert [one.sampled for one in found if one.status != 200] == [1.0] * 100
    connection.request("GET", "/metrics")
    metrics = connection.getresponse().read().decode()
    assert f'trimtab_interactions_total{{outcome="kept"}} {len(found)}.0' in metrics
    assert f'trimtab_interactions_total{{outcome="left out"}} {600 - len(found)}.0' in metrics
    connection.close()


def test_policies_stand_before_the_journal_and_a_person_has_a_name_of_its_own(serve, tmp_path: Path) -> None:
    columns = {"age": "bucket 10", "plan": "drop", "city": "tokenise", "label": "drop"}
    served = serve(journal={"folder": str(tmp_path / "journal"), "columns": columns, "subject": "city"})
    for city in ("Bern", "Basel", "Bern", None):
        assert served.post("/v1/models/churn/rows", json.dumps([ROW | {"city": city, "age": 37}]).encode())[0] == 200
    found = interactions_in(tmp_path / "journal")
    assert all(set(one.inputs) == {"age", "spend", "city"} and set(one.outputs) == {"score"} for one in found)
    assert {one.inputs["age"].values.tolist()[0] for one in found} == {30}
    cities, subjects = zip(*((one.inputs["city"].values[0], one.subjects) for one in found), strict=True)
    assert cities[0] == cities[2] != cities[1]
    assert cities[3] is None
    assert subjects[0] == subjects[2] != subjects[1]
    assert subjects[3] == ("",)
    written = b"".join(path.read_bytes() for path in (tmp_path / "journal").rglob("*") if path.is_file())
    assert not any(word in written for word in (b"Bern", b"Basel", b"plus"))


def test_truth_and_feedback_are_kept_from_the_one_who_got_the_answer(serve, tmp_path: Path) -> None:
    served = serve(journal={"folder": str(tmp_path / "journal")})
    own_id = served.post("/v1/models/churn/rows", json.dumps([ROW]).encode())[1]["x-request-id"]
    status, _, body = served.post("/v1/truth", json.dumps([{"id": own_id, "value": 1}]).encode())
    assert (status, json.loads(body)) == (200, {"kept": 1})
    assert served.post("/v1/feedback", json.dumps({"id": own_id, "score": 1.0, "comment": "yes"}).encode())[0] == 200
    other = f"{own_id[:12]}{'a' * 12}-0"
    assert served.post("/v1/truth", json.dumps({"id": other, "value": 1}).encode())[0] == 404
    assert served.post("/v1/feedback", json.dumps({"id": own_id, "score": 7}).encode())[0] == 400
    assert [(one["id"], one["value"]) for one in records_in(tmp_path / "journal", "truth")] == [(own_id, 1)]
    assert [(one["score"], one["comment"]) for one in records_in(tmp_path / "journal", "feedback")] == [(1.0, "yes")]


def test_without_a_journal_nothing_is_taken_that_would_be_lost(serve) -> None:
    served = serve()
    status, _, body = served.post("/v1/truth", json.dumps({"id": "x", "value": 1}).encode())
    assert (status, json.loads(body)["code"]) == (404, "P356")
    assert served.post("/v1/models/churn/rows", json.dumps([ROW]).encode())[1]["x-request-id"]


def test_a_policy_or_subject_of_no_column_stops_the_server_before_it_listens(root: Path, tmp_path: Path) -> None:
    journal = {"folder": str(tmp_path / "journal"), "columns": {"agee": "drop", "plan": "bucket 3"}, "subject": "who"}
    command = [sys.executable, str(root / "tests/doubles/serve.py"), json.dumps({"journal": journal})]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode != 0
    assert found.stdout == ""
    assert all(code in found.stderr for code in ("P954", "P355"))
    assert "did you mean `age`" in found.stderr
