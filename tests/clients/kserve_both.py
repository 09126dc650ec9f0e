"""KServe's Python clients, unchanged: REST and gRPC."""

import asyncio

import httpx
import pytest
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput


def request(columns, *, binary, **more):
    found = []
    for name, (datatype, values) in columns.items():
        found.append(InferInput(name, list(values.shape), datatype))
        found[-1].set_data_from_numpy(values, binary_data=binary)
    return InferRequest("churn", found, request_id="mine", **more)


def check(response):
    assert response.id == "mine"
    outputs = {output.name: output.as_numpy().tolist() for output in response.outputs}
    assert outputs["score"] == [0.2, 2e300]
    labels = [item.decode() if isinstance(item, bytes) else item for item in outputs["label"]]
    assert labels == ["0.2", "2e+300"]


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_rest(http, columns, asked, answered):
    base = f"http://{http}"

    async def flow():
        client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=20))
        try:
            assert await client.is_server_live(base)
            assert await client.is_server_ready(base)
            assert await client.is_model_ready(base, "churn")
            more = {"parameters": {"binary_data_output": answered}}
            check(await client.infer(base, request(columns, binary=asked, **more), model_name="churn"))
            with pytest.raises(httpx.HTTPStatusError, match="no model `other`"):
                await client.infer(base, request(columns, binary=asked), model_name="other")
        finally:
            await client.close()

    asyncio.run(flow())


def test_rest_asks_for_outputs_in_binary_by_name(http, columns):
    outputs = [RequestedOutput("label", {"binary_data": True}), RequestedOutput("score", {"binary_data": False})]

    async def flow():
        client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=20))
        try:
            asked = request(columns, binary=True, request_outputs=outputs)
            check(await client.infer(f"http://{http}", asked, model_name="churn"))
        finally:
            await client.close()

    asyncio.run(flow())


@pytest.mark.parametrize("binary", [False, True])
def test_grpc(grpc, columns, binary):
    async def flow():
        async with InferenceGRPCClient(grpc, timeout=20) as client:
            assert await client.is_server_live()
            assert await client.is_server_ready()
            assert await client.is_model_ready("churn")
            check(await client.infer(request(columns, binary=binary)))

    asyncio.run(flow())
