"""In whatever dialect a request comes: it has an arm, the answer says which, and so does the journal."""

import json
from contextlib import closing

import grpc
import pytest
from tests.system.journal.conftest import interactions_in

from trimtab.server.grpc.proto import load

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6
INFER = load("inference").rpcs["ModelInfer"]
PATH = "/v2/models/m/infer"
OIP = {
    "inputs": [
        {"name": "x", "datatype": "FP64", "shape": [1], "data": [5.0]},
        {"name": "do", "datatype": "BYTES", "shape": [1], "data": [None]},
    ]
}


def post(server, path, body, **headers):
    """Status, headers and body of one request."""
    with closing(server.connection()) as connection:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, json.dumps(body), said)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def call(port, version="", x=5.0, **metadata):
    """The answer, or the error, and the trailing metadata of one call over gRPC."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        ask = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer", INFER.request.SerializeToString, INFER.response.FromString
        )
        request = INFER.request(model_name="m", model_version=version)
        request.inputs.add(name="x", datatype="FP64", shape=[1]).contents.fp64_contents.append(x)
        request.inputs.add(name="do", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"nothing")
        said = tuple((name.replace("_", "-"), value) for name, value in metadata.items())
        try:
            answer, under_way = ask.with_call(request, timeout=30, metadata=said)
        except grpc.RpcError as error:
            return error, dict(error.trailing_metadata())
        return answer, dict(under_way.trailing_metadata())


def test_json_and_binary_tensors(flown):
    server = flown()
    server.fly(share=1.0)
    status, headers, body = post(server, PATH, OIP)
    assert (status, headers["x-trimtab-revision"], json.loads(body)["model_version"]) == (200, CHALLENGER, CHALLENGER)
    assert json.loads(body)["outputs"][0]["data"] == [10.0]
    binary = OIP | {"parameters": {"binary_data_output": True}}
    status, headers, body = post(server, PATH, binary)
    assert (status, headers["x-trimtab-revision"], len(body) - int(headers["inference-header-content-length"])) == (
        200, CHALLENGER, 8,
    )  # fmt: skip
    versioned = f"/v2/models/m/versions/{CHAMPION}/infer"
    assert json.loads(post(server, versioned, OIP)[2])["model_version"] == CHAMPION
    assert server.status().counts.challenger.requests == 2


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_events(flown, share):
    server = flown(env={"PARTS": "1"})
    server.fly(share=share)
    status, headers, body = post(server, "/v1/models/m/rows", [{"x": 5.0}], accept="text/event-stream")
    version = CHALLENGER if share else CHAMPION
    assert (status, headers["x-trimtab-revision"]) == (200, version)
    assert b'"y":10' in body
    assert f'"version":"{version}"'.encode() in body
    counts = server.status().counts
    assert (counts.champion.requests, counts.challenger.requests) == (1 - share, share)


def test_calls_over_grpc(flown, free_port):
    server = flown(grpc_port=free_port)
    server.fly(share=1.0)
    answer, trailing = call(free_port)
    assert (answer.model_version, trailing["x-trimtab-revision"]) == (CHALLENGER, CHALLENGER)
    assert list(answer.outputs[0].contents.fp64_contents) == [10.0]
    assert call(free_port, CHAMPION)[0].model_version == CHAMPION
    assert call(free_port, x_trimtab_arm="champion")[0].model_version == CHAMPION
    refused, trailing = call(free_port, x_trimtab_arm="captain")
    assert (refused.code(), trailing["trimtab-code"]) == (grpc.StatusCode.INVALID_ARGUMENT, "P366")
    counts = server.until(lambda status: status.counts.challenger.requests).counts
    assert (counts.champion.requests, counts.challenger.requests, counts.challenger.errors) == (0, 1, 0)
    server.steer(0.5, split={"by": "header", "name": "x-user"})
    found = {user: call(free_port, x_user=f"u{user}")[0].model_version for user in range(20)}
    assert set(found.values()) == {CHAMPION, CHALLENGER}
    assert {user: server.ask(x_user=f"u{user}")[1] for user in found} == found  # the same arm in every dialect


def test_the_journal_has_arm_and_probability(flown, tmp_path):
    server = flown(journal={"folder": str(tmp_path / "journal")})
    assert server.ask()[0] == 200
    server.fly(share=0.25, split={"by": "column", "name": "x"})
    arms = {x: server.ask(x=float(x))[1] for x in range(5, 45)}
    assert set(arms.values()) == {CHAMPION, CHALLENGER}
    server.ask(x_trimtab_arm="challenger")
    server.child.stop()
    before, *found = interactions_in(tmp_path / "journal")
    assert (before.arm, before.probability) == ("", 1.0)
    said = {
        one.inputs["x"].values[0]: (one.arm, one.probability, one.revision[7:19])
        for one in found
        if one.probability < 1
    }
    expected = {CHALLENGER: ("challenger", 0.25, CHALLENGER), CHAMPION: ("champion", 0.75, CHAMPION)}
    assert said == {x: expected[version] for x, version in arms.items()}
    assert [(one.arm, one.revision[7:19]) for one in found if one.probability == 1] == [("challenger", CHALLENGER)]


def test_the_metrics_have_both_arms(flown):
    server = flown()
    server.fly(share=0.5)
    for _ in range(30):
        server.ask()
    counts = server.status().counts
    with closing(server.connection()) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    for arm in ("champion", "challenger"):
        requests = getattr(counts, arm).requests
        assert f'trimtab_flight_requests_total{{arm="{arm}",model="m"}} {requests}.0' in text
        assert f'trimtab_flight_share{{arm="{arm}",model="m"}} 0.5' in text
