"""A real server process: foreign clients get right answers, hostile bytes a clear 4xx, and it lives on."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import numpy as np
import pytest

GOOD = {"age": 30, "plan": "plus", "spend": 1.5, "city": None}


@pytest.fixture(scope="module")
def server(root):
    command = [sys.executable, str(root / "tests/doubles/serve.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        place = urlsplit(process.stdout.readline().strip())
        yield process, place.hostname, place.port
        assert process.poll() is None, process.stderr.read()
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    events = {json.loads(line)["event"] for line in err.splitlines()}
    assert events <= {"model failed", "worker died"}  # the one for its own reasons, the other for taking too long


def post(server, path, body, content_type="application/json"):
    connection = http.client.HTTPConnection(server[1], server[2], timeout=20)
    try:
        connection.request("POST", path, body, {"content-type": content_type})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def rows(server, *values):
    return post(server, "/v1/models/churn/rows", json.dumps(values))


def get(server, path):
    connection = http.client.HTTPConnection(server[1], server[2], timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_rows_are_answered_row_by_row(server):
    status, body = rows(server, GOOD, {**GOOD, "spend": 2})
    assert (status, body["rows"]) == (200, [{"score": 3.0, "label": "3"}, {"score": 4.0, "label": "4"}])
    assert body["model"] == "churn"


def test_a_key_that_is_left_out_is_null_where_the_column_may_be(server):
    without = {key: value for key, value in GOOD.items() if key != "city"}
    assert rows(server, without)[0] == 200


HOSTILE = {
    "wrong column": ('[{"age":1,"plan":"plus","spend":1,"town":"x"}]', 422, ["`town`", "unknown column", "city"]),
    "missing column": ('[{"age":1,"plan":"plus"}]', 422, ["`spend`", "missing column"]),
    "wrong dtype": ('[{"age":"old","plan":"plus","spend":1}]', 422, ["`age`", "row 0", "is no integer"]),
    "null": ('[{"age":1,"plan":"plus","spend":1},{"age":1,"plan":"plus","spend":null}]', 422, ["`spend`", "row 1"]),
    "range": ('[{"age":-1,"plan":"plus","spend":1}]', 422, ["`age`", "row 0", "outside 0 to 120"]),
    "unseen category": ('[{"age":1,"plan":"gold","spend":1}]', 422, ["`plan`", "row 0", "unseen category"]),
    "empty body": ("", 400, ["body"]),
    "broken JSON": ('[{"age":1,', 400, ["body"]),
    "NaN": ('[{"age":1,"plan":"plus","spend":NaN}]', 400, ["body"]),
    "1e999": ('[{"age":1,"plan":"plus","spend":1e999}]', 400, ["out of range", "`spend`", "row 0"]),
    "5,000 digits": (f'[{{"age":{"9" * 5000},"plan":"plus","spend":1}}]', 400, ["out of range", "`age`", "row 0"]),
    "100,000 brackets": ("[" * 100_000, 400, ["body"]),
    "lone surrogate": ('[{"age":1,"plan":"\\ud800","spend":1}]', 400, ["body"]),
    "duplicate key": ('[{"age":1,"age":2,"plan":"plus","spend":1}]', 400, ["twice"]),
    "not rows": ('{"a":1}', 400, ["rows"]),
    "numbers": ("[1,2]", 400, ["object"]),
    "invalid UTF-8": (b'[{"age":1,"plan":"\xff","spend":1}]', 400, ["UTF-8"]),
    "too many rows": (json.dumps([GOOD] * 1001), 413, ["1000"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rows_are_refused_by_name(server, name):
    body, status, words = HOSTILE[name]
    got, answer = post(server, "/v1/models/churn/rows", body)
    said = json.dumps(answer, ensure_ascii=False)
    assert got == status, said
    assert [word for word in words if word.lower() not in said.lower()] == [], said
    assert "Traceback" not in said


def test_a_number_that_no_tensor_holds_is_named_by_column_and_row(server):
    body = '{"inputs":[{"name":"spend","datatype":"FP64","shape":[3],"data":[1,2,-1e999]}]}'
    status, answer = post(server, "/v2/models/churn/infer", body)
    assert (status, answer["error"]) == (400, "column `spend`, row 2: the number `-1e999` is out of range")


def test_another_content_type_is_refused(server):
    status, answer = post(server, "/v1/models/churn/rows", "age=1", "application/x-www-form-urlencoded")
    assert (status, answer["code"]) == (415, "P314")


def test_a_model_that_fails_tells_the_caller_an_id_and_nothing_else(server):
    status, answer = rows(server, {**GOOD, "age": 13})
    assert status == 500
    assert "secret" not in json.dumps(answer)
    assert answer["id"]


def test_a_model_that_takes_too_long_is_not_waited_for_and_the_connection_goes_on(server):
    connection = http.client.HTTPConnection(server[1], server[2], timeout=20)
    try:
        found = []
        for age in (14, 30):
            connection.request("POST", "/v1/models/churn/rows", json.dumps([{**GOOD, "age": age}] * 40))
            response = connection.getresponse()
            found.append((response.status, json.loads(response.read()).get("code")))
    finally:
        connection.close()
    assert found == [(504, "P319"), (200, None)]


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        b"GET / HTTP/1.1\nhost: a\n\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\n folded: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_ambiguous_framing_gets_one_refusal_and_the_connection_ends(server, raw):
    with socket.create_connection(server[1:], timeout=20) as connection:
        connection.sendall(raw + b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b'"error"' in answer


def test_pipelined_requests_are_answered_in_their_order(server):
    body = json.dumps([GOOD]).encode()
    ask = b"POST /v1/models/churn/rows HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    ask += b"content-length: %d\r\n\r\n%b"
    with socket.create_connection(server[1:], timeout=20) as connection:
        last = b"GET /v2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        connection.sendall((ask % (len(body), body)) + b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n" + last)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    places = [answer.index(word) for word in (b'"score"', b'"live"', b'"extensions"')]
    assert places == sorted(places)
    assert answer.count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize("binary", [False, True])
def test_the_triton_client_gets_the_same_answers_in_json_and_in_binary(server, binary):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(f"{server[1]}:{server[2]}")
    try:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("churn")
        assert client.get_model_metadata("churn")["inputs"][2] == {"name": "spend", "datatype": "FP64", "shape": [-1]}
        columns = {
            "age": np.array([1, 2], np.int64),
            "plan": np.array(["plus", "basic"], object),
            "spend": np.array([0.1, 1e300]),
            "city": np.array(["é", "x"], object),
        }
        inputs = []
        for name, values in columns.items():
            datatype = {"i": "INT64", "f": "FP64", "O": "BYTES"}[values.dtype.kind]
            inputs.append(triton.InferInput(name, [2], datatype))
            inputs[-1].set_data_from_numpy(values, binary_data=binary)
        outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("score", "label")]
        result = client.infer("churn", inputs, outputs=outputs, request_id="mine")
        assert result.as_numpy("score").tolist() == [0.2, 2e300]
        labels = [item.decode() if isinstance(item, bytes) else item for item in result.as_numpy("label").tolist()]
        assert labels == ["0.2", "2e+300"]
        assert result.get_response()["id"] == "mine"
    finally:
        client.close()


def test_curl_gets_an_answer(server, program):
    command = [
        program("curl"),
        "-sS",
        f"http://{server[1]}:{server[2]}/v1/models/churn/rows",
        "--json",
        json.dumps([GOOD]),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(ran.stdout)["rows"] == [{"score": 3.0, "label": "3"}]


def test_the_openapi_document_is_valid_and_its_example_is_answered(server):
    from openapi_spec_validator import validate

    document = json.loads(get(server, "/openapi.json")[1])
    validate(document)
    content = document["paths"]["/v1/models/churn/rows"]["post"]["requestBody"]["content"]["application/json"]
    assert rows(server, *content["example"])[0] == 200


def test_the_page_names_the_model_and_loads_nothing_from_elsewhere(server):
    status, page = get(server, "/docs")
    assert status == 200
    assert b"churn" in page
    assert b"http://" not in page.replace(b"http://www.w3.org", b"")
    assert b"https://" not in page


def test_metrics_count_by_closed_labels(server):
    rows(server, GOOD)
    get(server, "/no/such/path")
    text = get(server, "/metrics")[1].decode()
    assert 'model="churn"' in text
    assert "/no/such" not in text


def test_the_same_process_still_answers(server):
    assert server[0].poll() is None
    assert rows(server, GOOD)[0] == 200
