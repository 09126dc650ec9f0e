"""Triton's HTTP client, unchanged, in the flows of its own examples."""

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


@pytest.fixture
def client(http):
    client = triton.InferenceServerClient(http, concurrency=4)
    yield client
    client.close()


def inputs(columns, *, binary):
    found = []
    for name, (datatype, values) in columns.items():
        found.append(triton.InferInput(name, list(values.shape), datatype))
        found[-1].set_data_from_numpy(values, binary_data=binary)
    return found


def wanted(*, binary):
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in ("score", "label")]


def check(result):
    assert result.as_numpy("score").tolist() == [0.2, 2e300]
    labels = [item.decode() if isinstance(item, bytes) else item for item in result.as_numpy("label").tolist()]
    assert labels == ["0.2", "2e+300"]


def test_health_and_metadata(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("churn")
    assert not client.is_model_ready("other")
    assert client.get_server_metadata()["name"] == "trimtab"
    metadata = client.get_model_metadata("churn")
    assert metadata["inputs"][2] == {"name": "spend", "datatype": "FP64", "shape": [-1]}
    version = metadata["versions"][0]
    assert client.get_model_metadata("churn", version) == metadata
    with pytest.raises(InferenceServerException, match="no model `chrun`"):
        client.get_model_metadata("chrun")


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_json_and_binary_in_any_mixture(client, columns, asked, answered):
    result = client.infer("churn", inputs(columns, binary=asked), outputs=wanted(binary=answered), request_id="mine")
    check(result)
    assert result.get_response()["id"] == "mine"


def test_all_outputs_are_binary_when_none_is_asked_for(client, columns):
    check(client.infer("churn", inputs(columns, binary=True)))


@pytest.mark.parametrize("request_coding", [None, "gzip", "deflate"])
@pytest.mark.parametrize("response_coding", [None, "gzip", "deflate"])
@pytest.mark.parametrize("binary", [False, True])
def test_compressed_bodies(client, columns, binary, request_coding, response_coding):
    many = {name: (datatype, np.repeat(values, 200)) for name, (datatype, values) in columns.items()}
    headers = {}
    result = client.infer(
        "churn",
        inputs(many, binary=binary),
        outputs=wanted(binary=binary),
        headers=headers,
        request_compression_algorithm=request_coding,
        response_compression_algorithm=response_coding,
    )
    assert result.as_numpy("score").tolist() == [0.2] * 200 + [2e300] * 200


def test_many_requests_under_way_at_once(client, columns):
    under_way = [
        client.async_infer("churn", inputs(columns, binary=True), outputs=wanted(binary=True), request_id=f"r{count}")
        for count in range(20)
    ]
    for count, request in enumerate(under_way):
        result = request.get_result()
        check(result)
        assert result.get_response()["id"] == f"r{count}"


def test_parameters_of_its_own_are_let_through(client, columns):
    check(
        client.infer(
            "churn",
            inputs(columns, binary=True),
            priority=1,
            timeout=10_000_000,
            sequence_id=7,
            sequence_start=True,
            parameters={"mine": "x"},
        )
    )


def test_a_fault_reaches_the_caller_with_column_and_row(client, columns):
    columns["age"] = ("INT64", np.array([1, -5], np.int64))
    with pytest.raises(InferenceServerException, match="column `age`, row 1: `-5` is outside 0 to 120") as caught:
        client.infer("churn", inputs(columns, binary=True))
    assert caught.value.status() == "422"


def test_its_asyncio_client(http, columns):
    import asyncio

    from tritonclient.http import aio

    async def flow():
        async with aio.InferenceServerClient(http) as client:
            assert await client.is_model_ready("churn")
            found = [client.infer("churn", inputs(columns, binary=True)) for _ in range(5)]
            for result in await asyncio.gather(*found):
                check(result)

    asyncio.run(flow())
