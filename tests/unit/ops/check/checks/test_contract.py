import json

import pytest

from trimtab.bundle.golden import Golden
from trimtab.core.tensors import decode_binary
from trimtab.ops.check.checks.contract import check, keeps_to
from trimtab.ops.check.subject import Heard

DIGEST = f"sha256:{'1' * 64}"
AT = "/v2/models/m"


class Server:
    """A server in memory that keeps to the protocol, but for what it is told to do wrongly."""

    def __init__(self, signature, golden, **wrong):
        self.signature, self.golden, self.wrong = signature, golden, wrong
        self.crashed = False

    def __call__(self, method, path, body=b"", headers=None):
        del headers
        if method == "GET":
            return self.look(path)
        if not path.startswith(f"{AT}/"):
            return Heard(404, {}, b"", 0.0)
        return self.infer(body)

    def look(self, path):
        if path != AT:
            return Heard(503 if self.crashed or path in self.wrong.get("unready", ()) else 200, {}, b"", 0.0)
        fields = {"inputs": self.signature.inputs, "outputs": self.signature.outputs}
        said = {key: [{"name": one.name, "datatype": one.dtype, "shape": list(one.shape)} for one in of]
                for key, of in fields.items()}  # fmt: skip
        said |= {"properties": {"digest": self.wrong.get("digest", DIGEST)}}
        return Heard(200, {}, json.dumps(said | self.wrong.get("said", {})).encode(), 0.0)

    def infer(self, body):
        head = body[: body.rfind(b"}") + 1]
        binary = b"binary_data_size" in body
        try:
            said = json.loads(head if binary else body)
            names = [one["name"] for one in said["inputs"]]
            assert names == ["x", "plan"]
            assert all(one["shape"] == [12] for one in said["inputs"])
            if not binary:
                assert not any(isinstance(one["data"][0], dict) for one in said["inputs"])
            else:
                first = said["inputs"][0]
                decode_binary("FP64", [12], body[len(head) : len(head) + first["parameters"]["binary_data_size"]])
        except (ValueError, KeyError, AssertionError):
            self.crashed = self.wrong.get("crashes", False)
            return Heard(self.wrong.get("refusal", 400), {}, b"", 0.0)
        y = self.golden.outputs["y"] + self.wrong.get("binary" if binary else "json", 0.0)
        tensor = {"name": "y", "datatype": "FP64", "shape": [12], "data": y.tolist()}
        return Heard(200, {}, json.dumps({"outputs": [tensor]}).encode(), 0.0)


@pytest.mark.parametrize(
    ("wrong", "failed"),
    [
        ({}, set()),
        ({"unready": (f"{AT}/ready",)}, {"ready", "ready after"}),
        ({"digest": "sha256:other"}, {"metadata"}),
        ({"said": {"inputs": []}}, {"metadata"}),
        ({"said": {"outputs": 1}}, {"metadata"}),
        ({"json": 0.1}, {"json"}),
        ({"binary": 0.1}, {"binary"}),
        ({"refusal": 500}, {"refusals"}),
        ({"refusal": 200}, {"refusals"}),
        ({"crashes": True}, {"ready after"}),
    ],
)
def test_a_server_that_breaks_a_rule_fails_that_one(wrong, failed, signature, table, good):
    golden = Golden(table(), good(table()), 1e-6, 1e-9)
    found = keeps_to(Server(signature, golden, **wrong), "m", DIGEST, signature, golden)
    assert {one.name for one in found if one.verdict == "FAIL"} == failed


def test_the_server_of_the_bench_is_asked(subject, bench, signature, table, good):
    server = Server(signature, Golden(table(), good(table()), 1e-6, 1e-9))
    assert {one.verdict for one in check(subject(), bench(heard=server)).measures} == {"PASS"}
