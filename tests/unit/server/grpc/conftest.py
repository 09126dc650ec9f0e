"""One served model in memory: what the calls need of a data plane, without loop, queue or threads."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from trimtab.core.check import check
from trimtab.core.errors import Problem
from trimtab.core.signature import Field, Signature
from trimtab.server.dataplane import InferResponse
from trimtab.server.faults import NotReadyError, refused
from trimtab.server.grpc.calls import INFERENCE, Caller
from trimtab.server.grpc.proto import load


@dataclass
class MemoryEndpoint:
    """A model that answers its inputs."""

    signature: Signature
    name: str = "echo"
    version: str = "abababababab"
    flavour: str = "python"
    state: str = "ready"

    @property
    def outputs(self):
        return {field.name: field for field in self.signature.outputs}

    def require_ready(self):
        if self.state != "ready":
            raise NotReadyError(Problem("P316", "still loading"))


@dataclass
class MemoryPlane:
    """One endpoint, and the requests it was asked."""

    served: MemoryEndpoint
    asked: list = field(default_factory=list)
    stopping: bool = False

    @property
    def ready(self):
        return not self.stopping and self.served.state == "ready"

    def endpoint(self, model, version=""):
        if model != self.served.name or version not in ("", self.served.version):
            raise refused("P312", f"no model `{model}`")
        return self.served

    def ask(self, request, timeout_s, _gone=None, _trail=None):
        self.asked.append((request, timeout_s))
        table = check(self.served.signature, request.columns)
        outputs = {name: column.values for name, column in table.columns.items()}
        wanted = {name: outputs[name] for name in request.outputs or outputs}
        return InferResponse(request.model, self.served.version, request.id, wanted, table.height)


@dataclass
class Talk:
    """Asks one plane call by call."""

    plane: MemoryPlane
    service: object = field(default_factory=lambda: load("inference"))

    def __call__(self, call, /, **values):
        rpc = self.service.rpcs[call]
        answer = rpc.response()
        # through bytes, as over the wire
        request = rpc.request.FromString(rpc.request(**values).SerializeToString())
        INFERENCE[call].call(Caller(self.plane, self.plane.ask, "own-1", 2.5), request, answer)
        return answer

    def infer(self, *inputs, **values):
        return self("ModelInfer", **{"model_name": "echo", "inputs": list(inputs), **values})


@pytest.fixture
def talk():
    """`talk(fields)`: calls to a model with these inputs, which are its outputs too."""

    def begin(*fields):
        fields = fields or (Field("x", "FP64"),)
        return Talk(MemoryPlane(MemoryEndpoint(Signature(fields, fields, "arrays"))))

    return begin


@pytest.fixture
def one():
    """A tensor of one typed list."""

    def tensor(name, datatype, values, **contents):
        from trimtab.server.grpc.contents import FIELD_OF

        shape = list(np.shape(values)) or [len(values)]
        flat = np.ravel(np.array(values, object)).tolist()
        given = contents or {FIELD_OF[datatype]: flat}
        return {"name": name, "datatype": datatype, "shape": shape, "contents": given}

    return tensor
