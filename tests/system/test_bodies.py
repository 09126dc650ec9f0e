"""Bodies on the wire of a real server: compressed ones, bombs, and numbers that JSON has no word for."""

import gzip
import http.client
import json
import socket
import threading
import zlib

import pytest

ROW = {"x": 1.5, "plan": "plus"}


@pytest.fixture(scope="module")
def served(serve):
    return serve("serve_wide.py", body_limit=2**20, grpc_port=None)


def strict(text):
    """JSON to a parser that knows no NaN."""

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_answered_like_a_plain_one(served, coding, pack):
    body = json.dumps([ROW] * 500).encode()
    status, headers, answer = served.post(
        "/v1/models/small/rows", pack(body), content_encoding=coding, accept_encoding=coding
    )
    assert (status, headers["content-encoding"], headers["vary"]) == (200, coding, "accept-encoding")
    plain = gzip.decompress(answer) if coding == "gzip" else zlib.decompress(answer)
    assert strict(plain)["rows"] == [{"y": 3.0}] * 500
    assert len(answer) < len(plain) / 10


def test_a_short_answer_is_not_compressed(served):
    status, headers, answer = served.post("/v1/models/small/rows", json.dumps([ROW]).encode(), accept_encoding="gzip")
    assert (status, strict(answer)["rows"]) == (200, [{"y": 3.0}])
    assert "content-encoding" not in headers


def test_a_bomb_is_refused_and_the_server_lives_on(served):
    bomb = gzip.compress(bytes(2**26), 9)
    assert len(bomb) < 2**17
    status, _, answer = served.post("/v1/models/small/rows", bomb, content_encoding="gzip")
    assert (status, strict(answer)["code"]) == (413, "P315")
    assert served.post("/v1/models/small/rows", json.dumps([ROW]).encode())[0] == 200


def test_others_are_answered_while_a_large_body_is_inflated(serve):
    served = serve("serve_wide.py", grpc_port=None, processes=1)
    bomb = gzip.compress(bytes(2**26 + 1), 9)
    row = json.dumps([ROW]).encode()
    done = threading.Event()
    refused = []

    def send():
        refused.append(served.post("/v1/models/small/rows", bomb, content_encoding="gzip"))
        done.set()

    connection = http.client.HTTPConnection(served.http, timeout=20)
    connection.request("POST", "/v1/models/small/rows", row, {"content-type": "application/json"})
    assert connection.getresponse().read()
    sender = threading.Thread(target=send)
    sender.start()
    answered = 0
    while not done.is_set():
        connection.request("POST", "/v1/models/small/rows", row, {"content-type": "application/json"})
        assert strict(connection.getresponse().read())["rows"] == [{"y": 3.0}]
        answered += not done.is_set()
    sender.join()
    connection.close()
    assert [(status, strict(answer)["code"]) for status, _, answer in refused] == [(413, "P315")]
    assert answered > 20  # a server that inflates at one go answers those that came ahead of the bomb


def test_a_large_body_keeps_its_place_in_the_order_of_its_connection(served):
    long = gzip.compress(json.dumps({"rows": [ROW] * 500, "id": "first"}).encode().ljust(2**20))
    head = "POST /v1/models/small/rows HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    head += "{}content-length: {}\r\n\r\n"
    short = json.dumps({"rows": [ROW], "id": "second"}).encode()
    host, _, port = served.http.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as caller:
        caller.sendall(head.format("content-encoding: gzip\r\n", len(long)).encode() + long)
        caller.sendall(head.format("connection: close\r\n", len(short)).encode() + short)
        said = b"".join(iter(lambda: caller.recv(2**16), b""))
    assert said.count(b"HTTP/1.1 200") == 2
    assert said.index(b'"id":"first"') < said.index(b'"id":"second"')


def test_an_unknown_coding_is_refused(served):
    status, _, answer = served.post("/v1/models/small/rows", b"x", content_encoding="br")
    assert (status, strict(answer)["code"], strict(answer)["hint"]) == (
        415,
        "P314",
        "`gzip`, `deflate`, or uncompressed",
    )


def test_infinity_is_a_text_and_nan_is_null_in_every_dialect(served):
    values = [1e308, -1e308, 1.0]
    body = json.dumps([{**ROW, "x": value} for value in values]).encode()
    assert strict(served.post("/v1/models/small/rows", body)[2])["rows"] == [
        {"y": "Infinity"},
        {"y": "-Infinity"},
        {"y": 2.0},
    ]
    inputs = [
        {"name": "x", "shape": [3], "datatype": "FP64", "data": values},
        {"name": "plan", "shape": [3], "datatype": "BYTES", "data": ["plus"] * 3},
    ]
    answer = served.post("/v2/models/small/infer", json.dumps({"inputs": inputs}).encode())[2]
    assert strict(answer)["outputs"][0]["data"] == ["Infinity", "-Infinity", 2.0]


def test_nan_is_null(served):
    example = document(served)["paths"]["/v1/models/wide/rows"]["post"]["requestBody"]["content"]["application/json"]
    status, _, answer = served.post("/v1/models/wide/rows", json.dumps(example["example"]).encode())
    assert status == 200
    assert strict(answer)["rows"][0]["score"] is None


def document(served):
    connection = http.client.HTTPConnection(served.http, timeout=20)
    try:
        connection.request("GET", "/openapi.json")
        return strict(connection.getresponse().read())
    finally:
        connection.close()


def test_both_examples_of_the_document_are_answered(served):
    paths = document(served)["paths"]
    for model in ("small", "wide"):
        for path in (f"/v1/models/{model}/rows", f"/v2/models/{model}/infer"):
            example = paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
            assert served.post(path, json.dumps(example).encode())[0] == 200


def test_every_other_answer_is_strict_json_too(served):
    for path in (
        "/livez",
        "/readyz",
        "/v2",
        "/v2/",
        "/v2/health/live",
        "/v2/models/wide",
        "/v2/models/wide/ready",
        "/no",
    ):
        connection = http.client.HTTPConnection(served.http, timeout=20)
        connection.request("GET", path)
        assert strict(connection.getresponse().read())
        connection.close()
    for body in (b'[{"x":NaN,"plan":"plus"}]', b'[{"x":1e999,"plan":"plus"}]', b'[{"x":"Infinity","plan":"no"}]'):
        status, _, answer = served.post("/v1/models/small/rows", body)
        assert status in (400, 422)
        assert strict(answer)["error"]


def test_a_binary_body_without_its_header_is_told_so(served):
    status, _, answer = served.post("/v2/models/small/infer", b"\0", content_type="application/octet-stream")
    assert (status, strict(answer)["error"]) == (
        400,
        "a binary body needs the header `Inference-Header-Content-Length`",
    )
