"""Triton's gRPC client, unchanged, in the flows of its own examples; and its messages, against ours."""

import asyncio
import json
import os
import queue

import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException


@pytest.fixture
def client(grpc):
    client = triton.InferenceServerClient(grpc)
    yield client
    client.close()


def inputs(columns):
    found = []
    for name, (datatype, values) in columns.items():
        found.append(triton.InferInput(name, list(values.shape), datatype))
        found[-1].set_data_from_numpy(values)
    return found


def check(result):
    assert result.as_numpy("score").tolist() == [0.2, 2e300]
    assert result.as_numpy("label").tolist() == [b"0.2", b"2e+300"]


def test_health_and_metadata(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("churn")
    server = client.get_server_metadata()
    assert (server.name, list(server.extensions)) == ("trimtab", ["binary_tensor_data"])
    metadata = client.get_model_metadata("churn", as_json=True)
    assert metadata["inputs"][2] == {"name": "spend", "datatype": "FP64", "shape": ["-1"]}
    assert client.get_model_metadata("churn", metadata["versions"][0], as_json=True) == metadata
    assert client.is_model_ready("churn", metadata["versions"][0])
    for call in (client.get_model_metadata, client.is_model_ready):
        with pytest.raises(InferenceServerException, match="no model `chrun`") as caught:
            call("chrun")
        assert caught.value.status() == "StatusCode.NOT_FOUND"


@pytest.mark.parametrize("coding", [None, "gzip", "deflate"])
def test_a_request_with_its_id_and_its_outputs(client, columns, coding):
    outputs = [triton.InferRequestedOutput(name) for name in ("score", "label")]
    result = client.infer("churn", inputs(columns), outputs=outputs, request_id="mine", compression_algorithm=coding)
    check(result)
    assert result.get_response().id == "mine"
    one = client.infer("churn", inputs(columns), outputs=outputs[1:])
    assert one.as_numpy("score") is None


def test_many_requests_under_way_at_once(client, columns):
    answers = queue.Queue()
    for count in range(20):
        client.async_infer(
            "churn",
            inputs(columns),
            lambda result, error: answers.put((result, error)),
            request_id=f"r{count}",
            client_timeout=20,
        )
    found = [answers.get(timeout=30) for _ in range(20)]
    assert [error for _, error in found if error is not None] == []
    for result, _ in found:
        check(result)
    assert {result.get_response().id for result, _ in found} == {f"r{count}" for count in range(20)}


def test_parameters_of_its_own_are_let_through(client, columns):
    check(client.infer("churn", inputs(columns), priority=1, timeout=10_000_000, parameters={"mine": "x", "n": 1}))


def test_a_fault_reaches_the_caller_with_column_and_row(client, columns):
    columns["age"] = ("INT64", np.array([1, -5], np.int64))
    with pytest.raises(InferenceServerException, match="column `age`, row 1: `-5` is outside 0 to 120") as caught:
        client.infer("churn", inputs(columns))
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"


def test_its_asyncio_client(grpc, columns):
    from tritonclient.grpc import aio

    async def flow():
        async with aio.InferenceServerClient(grpc) as client:
            assert await client.is_model_ready("churn")
            for result in await asyncio.gather(*(client.infer("churn", inputs(columns)) for _ in range(5))):
                check(result)

    asyncio.run(flow())


def facts(descriptor):
    """What matters on the wire of a message and of those inside it: names, numbers, types."""
    found = {}
    for field in descriptor.fields:
        found[f"{descriptor.full_name}.{field.name}"] = [field.number, field.type, field.is_repeated]
        if field.message_type is not None:
            found |= facts(field.message_type)
    return found


def test_our_messages_are_its_messages():
    ours = json.loads(os.environ["TRIMTAB_MESSAGES"])
    assert len(ours) > 50
    theirs = {}
    service = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
    for call in ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer"):
        method = service.methods_by_name[call]
        for message in (method.input_type, method.output_type):
            theirs |= facts(message)
    assert {name: theirs.get(name) for name in ours} == ours
