"""gRPC on a real server: statuses, deadlines, limits, health, and an end that drops nobody."""

import json
import signal
import subprocess
import sys
import time

import grpc
import numpy as np
import pytest

from trimtab.core.tensors import encode_binary
from trimtab.server.grpc.proto import load

COLUMNS = {
    "age": ("INT64", np.array([30])),
    "plan": ("BYTES", np.array([b"plus"], object)),
    "spend": ("FP64", np.array([1.5])),
    "city": ("BYTES", np.array(["é".encode()], object)),
}


class Client:
    """Calls by name over one channel, with messages made from our own `.proto`."""

    def __init__(self, target, credentials=None):
        make = grpc.insecure_channel if credentials is None else grpc.secure_channel
        self.channel = make(target, *([] if credentials is None else [credentials]))
        self.services = [load("inference"), load("health")]

    def raw(self, name, body, timeout=20):
        service = next(service for service in self.services if name in service.rpcs)
        rpc = service.rpcs[name]
        call = self.channel.unary_unary(f"/{service.name}/{name}", response_deserializer=rpc.response.FromString)
        return call(body, timeout=timeout)

    def __call__(self, call, /, timeout=20, **values):
        service = next(service for service in self.services if call in service.rpcs)
        return self.raw(call, service.rpcs[call].request(**values).SerializeToString(), timeout)

    def infer(self, timeout=20, rows=1, **given):
        columns = {**COLUMNS, **{name: (COLUMNS[name][0], np.array([value])) for name, value in given.items()}}
        inputs = [{"name": name, "datatype": kind, "shape": [rows]} for name, (kind, _) in columns.items()]
        raw = [encode_binary(np.repeat(values, rows)) for _, values in columns.values()]
        return self("ModelInfer", timeout, model_name="churn", id="mine", inputs=inputs, raw_input_contents=raw)


def status_of(call):
    """How the call failed: its status, what it says, and what comes behind it."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error = caught.value
    return error.code().name, error.details(), dict(error.trailing_metadata())


@pytest.fixture(scope="module")
def served(serve):
    return serve(body_limit=100_000)


@pytest.fixture(scope="module")
def client(served):
    client = Client(served.grpc)
    yield client
    client.channel.close()


def test_a_row_is_answered(client):
    answer = client.infer()
    assert [(output.name, output.datatype) for output in answer.outputs] == [("score", "FP64"), ("label", "BYTES")]
    assert np.frombuffer(answer.raw_output_contents[0], "<f8").tolist() == [3.0]
    assert answer.id == "mine"


def test_health_as_kubernetes_asks_for_it(client):
    for service in ("", "inference.GRPCInferenceService", "churn"):
        assert client("Check", service=service).status == 1
    assert status_of(lambda: client("Check", service="other"))[0] == "NOT_FOUND"


def test_faults_name_column_and_row_and_carry_their_code(client):
    status, said, behind = status_of(lambda: client.infer(age=-3))
    assert (status, behind["trimtab-code"], behind["trimtab-id"]) == ("INVALID_ARGUMENT", "P301", "mine")
    assert said == "column `age`, row 0: `-3` is outside 0 to 120"


def test_an_endless_message_is_cut_to_what_a_header_may_hold(client):
    status, said, _ = status_of(lambda: client("ModelReady", name="ü" * 5000))
    assert status == "NOT_FOUND"
    assert said.startswith("no model `üü")


def test_a_model_that_fails_says_an_id_and_nothing_else(client):
    status, said, behind = status_of(lambda: client.infer(age=13))
    assert (status, behind["trimtab-code"], behind["trimtab-id"]) == ("INTERNAL", "P318", "mine")
    assert "secret" not in said


def test_bytes_that_are_no_message_are_refused_and_not_logged(client):
    status, said, behind = status_of(lambda: client.raw("ModelInfer", b"\xff\xff\xff"))
    assert (status, behind["trimtab-code"]) == ("INVALID_ARGUMENT", "P310")
    assert said == "the message is no ModelInferRequest"


def test_a_message_over_the_body_limit_is_refused(client):
    assert status_of(lambda: client.infer(rows=5000))[0] == "RESOURCE_EXHAUSTED"


def test_more_rows_than_allowed_are_refused(client):
    status, said, behind = status_of(lambda: client.infer(rows=1001))
    assert (status, behind["trimtab-code"]) == ("RESOURCE_EXHAUSTED", "P315")
    assert "1001 rows" in said


def test_a_caller_that_waits_no_longer_is_answered_in_its_time_and_the_next_one_too(client):
    start = time.monotonic()
    assert status_of(lambda: client.infer(timeout=0.2, age=14))[0] == "DEADLINE_EXCEEDED"
    assert time.monotonic() - start < 1.0
    assert client("ServerReady").ready


def test_the_servers_own_limit_holds_for_a_patient_caller(client):
    status, _, behind = status_of(lambda: client.infer(age=14))
    assert (status, behind["trimtab-code"]) == ("DEADLINE_EXCEEDED", "P319")


def test_calls_are_counted_beside_those_of_http(served, client):
    client.infer()
    import urllib.request

    with urllib.request.urlopen(f"http://{served.http}/metrics") as response:
        text = response.read().decode()
    assert 'trimtab_requests_total{dialect="grpc",model="churn",status="2xx"}' in text


def test_a_taken_port_is_named(root, served):
    port = int(served.grpc.rpartition(":")[2])
    command = [sys.executable, str(root / "tests/doubles/serve.py"), json.dumps({"grpc_port": port})]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    assert f"error[P304]: cannot listen for gRPC: address already in use\n  at 127.0.0.1:{port}" in ran.stderr


def test_without_its_package_the_extra_is_named():
    program = (
        "import sys; sys.modules['grpc'] = None\n"
        "from trimtab.server.grpc.beside import can_listen\n"
        "from trimtab.server.settings import Settings\n"
        "can_listen(Settings(grpc_port=9000))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert "error[P307]: gRPC needs the package `grpc`" in ran.stderr
    assert "hint: `pip install 'trimtab[grpc]'`" in ran.stderr


def slow_call(client, request_id):
    """A call under way that takes the model two seconds."""
    service = client.services[0]
    rpc = service.rpcs["ModelInfer"]
    slow = rpc.request(model_name="churn", id=request_id)
    for name, (kind, values) in COLUMNS.items():
        slow.inputs.add(name=name, datatype=kind, shape=[1])
        slow.raw_input_contents.append(encode_binary(np.array([14]) if name == "age" else values))
    call = client.channel.unary_unary(
        f"/{service.name}/ModelInfer", rpc.request.SerializeToString, rpc.response.FromString
    )
    return call.future(slow, timeout=20)


def test_a_server_that_is_stopped_answers_what_it_has_taken(serve):
    served = serve(answer_timeout_s=20.0)
    client = Client(served.grpc)
    client.infer()
    future = slow_call(client, "slow")
    time.sleep(0.3)  # it has arrived, and the model works on it for two seconds
    served.process.send_signal(signal.SIGTERM)
    assert future.result().id == "slow"
    assert served.process.wait(20) == 0
    client.channel.close()
