"""A real app over real models of the kernels, and two connections to it: one with the express lane, one without."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from tests.doubles.listening import Transport

from trimtab.bundle.engines.direct import direct
from trimtab.bundle.engines.forest import ForestModel, ForestOptions
from trimtab.bundle.engines.linear import Linear
from trimtab.bundle.engines.weights import LinearSpec, Number
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import MISSING_LEFT, Facts
from trimtab.bundle.forest.trees import Tree, tables
from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.app import App
from trimtab.server.batching.at_once import AtOnce
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines import Done
from trimtab.server.express.express import open_express
from trimtab.server.express.reading import open_reading
from trimtab.server.express.together import open_together
from trimtab.server.listener import Listener
from trimtab.server.metrics import Metrics
from trimtab.server.settings import Settings

HEAD = "POST /v2/models/m/infer HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}content-length: {length}\r\n\r\n"
DIGEST = f"sha256:{'ab' * 32}"


def linear(width: int = 1, limit: float = 1e300) -> Linear:
    """Of three columns; chances where one number is answered."""
    terms = tuple(Number(at, tuple(0.5 - at / 3 + column for column in range(width)), limit=limit) for at in range(3))
    link = "sigmoid" if width == 1 else "identity"
    return Linear(LinearSpec(3, terms, (0.25,) * width, link, "y", flat=width == 1))


def forest(rows: str = "float64", refuses: str = "") -> ForestModel:
    """Of three columns, a stump for each."""
    facts = Facts("none", 3, 1, rows, casts=False, refuses=refuses)
    trees = [
        Tree(
            np.full(3, at), np.array([at / 2, 0, 0]), np.array([1, -1, -1]), np.array([2, -1, -1]),
            np.array([MISSING_LEFT, 0, 0]), np.arange(3), np.array([[0.0], [10.0**at], [0.1 + at]]), 0,
        )
        for at in range(3)
    ]  # fmt: skip
    return ForestModel(Forest(tables(trees, facts, np.zeros(1)), facts), ForestOptions("y", 3, dtype=rows))


def foreign(prepared):
    """A model of three columns that is none of the kernels', and refuses what is far from zero."""
    rows = prepared if isinstance(prepared, np.ndarray) else np.column_stack(list(prepared.values()))
    if (np.abs(rows) > 1e6).any():
        raise ValueError("too far from zero")
    return {"y": rows.astype(np.float64) @ np.array([0.5, -2.0, 0.25])}


def matrix(dtype: str = "FP64", width: int = 1) -> Signature:
    return Signature(
        (Field("x", dtype, (-1, 3)),), (Field("y", "FP64", (-1,) if width == 1 else (-1, width)),), "matrix"
    )


def columns(dtype: str = "FP64") -> Signature:
    return Signature(tuple(Field(name, dtype) for name in "abc"), (Field("y", "FP64"),), "arrays")


@dataclass(frozen=True)
class Bundle:
    signature: Signature
    name: str = "m"
    digest: str = DIGEST
    inline: bool = True
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))

    def privacy(self):
        return {}


class Engine:
    """Answers at once, or keeps what it is asked while `free` is 0."""

    free = 1

    def __init__(self, predictor):
        self._predictor = predictor

    def start(self, table, patience_s, ended, part=None):  # noqa: ARG002 - the names that `Engine` gives
        ended(Done(self._predictor(table), 1e-6))


def endpoint_of(signature: Signature, model, rows: int = 3, most: int = 1000, soon=None) -> Endpoint:
    """Ready, with so many golden rows, and on the express lane where the model can be.

    soon: at the end of a turn; with it, what comes in one turn is answered together where the model is no kernel's.
    """
    endpoint = Endpoint("m", Bundle(signature))
    numbers = np.arange(rows * 3.0).reshape(rows, 3) / 4 - 1
    given = {"x": numbers.tolist()} if len(signature.inputs) == 1 else dict(zip("abc", numbers.T.tolist(), strict=True))
    predictor = direct(signature, model)
    table = check(signature, given)
    endpoint.golden = Golden(table, predictor(table), 0.0, 0.0)
    endpoint.found("", {1: 1e-6, 64: 64e-6})
    endpoint.batcher = Batcher(
        Engine(predictor), BatchLimits(), endpoint.curve, lambda turn: turn(), lambda _call, failed: failed
    )
    endpoint.at_once = AtOnce(predictor, endpoint.batcher, endpoint.curve, BatchLimits(), 1.0)
    endpoint.reading = open_express(endpoint, predictor, endpoint.at_once, most) or (
        open_reading(endpoint, most) if soon is None else
        open_together(endpoint, predictor, endpoint.batcher, BatchLimits(), 1.0, soon, most)
    )  # fmt: skip
    return endpoint


class Loop:
    """Time that nobody turns."""

    def time(self):
        return 0.0

    def call_at(self, *_):
        return SimpleNamespace(cancel=lambda: None)

    call_later = call_at


class Server:
    """An app over one model, and its connections; `asked`: what did not take the lane."""

    def __init__(self, endpoint: Endpoint, settings: Settings | None = None, guard=None, loop=None):
        self.endpoint, self.loop, self.asked = endpoint, loop or Loop(), 0
        settings = settings or Settings()
        self.logged = []
        self.plane = DataPlane(
            {"m": endpoint}, settings, lambda *said: self.logged.append(said), Metrics({"m": endpoint})
        )
        self.plane.open(self.loop)
        self.app = App(self.plane, soon=lambda run: run(), guard=guard)

    def connect(self, *, lanes: bool = True) -> Caller:
        lane = self.app.lanes if lanes else None
        answers = SimpleNamespace(plane=self.plane, lanes=lane, answer=self._answer, refuse=self.app.refuse)
        return Caller(Listener(answers, set(), self.loop))

    def _answer(self, *what):
        self.asked += 1
        return self.app.answer(*what)

    def counted(self):
        """Requests by status and rows, and how many are not answered yet."""
        lines = self.plane.metrics.text(self.plane.endpoints)[1].decode().splitlines()
        wanted = ("trimtab_requests_total", "trimtab_rows", "trimtab_in_flight", "trimtab_interactions")
        return [line for line in lines if line.startswith(wanted) and not line.endswith(" 0.0")]


class Caller:
    """One connection, and what has come back over it."""

    def __init__(self, listener: Listener):
        self.listener, self.transport = listener, Transport()
        listener.connection_made(self.transport)

    def says(self, *pieces: bytes) -> list[bytes]:
        """What is answered, without what no two answers share."""
        for piece in pieces:
            if self.listener._transport is not None and not self.transport.closed:
                self.listener.data_received(piece)
        return self.heard()

    def asks(self, body: bytes, more: str = "") -> list[bytes]:
        return self.says(request(body, more))

    def heard(self) -> list[bytes]:
        raw, self.transport.out = self.transport.out, b""
        return [alike(part) for part in re.split(rb"(?=HTTP/1\.1 \d)", raw) if part]


def request(body: bytes, more: str = "", head: str = HEAD) -> bytes:
    return head.format(more=more, length=len(body)).encode() + body


def alike(answer: bytes) -> bytes:
    """The answer with its id and date taken out; its length is that of its body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)\r\n", head + b"\r\n")
    assert length is None or int(length[1]) == len(body)
    head = re.sub(rb"\r\n(date|content-length): [^\r]*", b"", head)
    own = re.search(rb"x-request-id: ([0-9a-f()-]+)", head)
    return (head + b"\r\n\r\n" + body).replace(own[1], b"OWN") if own else head + b"\r\n\r\n" + body


def tensors(*given: tuple[str, str, list[int], str]) -> bytes:
    """A body of these: name, datatype, shape, data as text."""
    parts = [
        f'{{"name":"{name}","shape":{shape},"datatype":"{dtype}","data":{data}}}' for name, dtype, shape, data in given
    ]
    return f'{{"inputs":[{",".join(parts)}]}}'.encode()
