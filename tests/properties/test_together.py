"""Whatever comes in one turn, answered together or one by one: the same answers, records and counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles.kept import Kept
from tests.doubles.laned import Server, columns, endpoint_of, foreign, matrix, tensors
from tests.doubles.queueing import sure

from trimtab.bundle.kernels import library

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
CALLERS = 6
HEADS = ["", "", "", "x-request-id: mine\r\n", "x-request-timeout-ms: 50\r\n", "accept-encoding: gzip\r\n"]
NUMBERS = ["1", "-2.5", "0.125", "3e2", "9e9", "1e999", "-0", "null", "NaN"]  # too far from zero is 9e9


class Turns:
    """A server, and what its callers say and hear turn by turn."""

    def __init__(self, signature, enough: int, *, lanes: bool, settings):
        self.waiting = []
        self.server = Server(endpoint_of(signature, foreign, soon=self.waiting.append))
        sure(self.server)
        self.server.endpoint.batcher._soon = self.waiting.append
        self.server.endpoint.at_once = None
        reading = self.server.endpoint.reading
        # nothing takes any time: a machine that stops for a moment would have hasty callers refused
        reading._clock = self.server.endpoint.batcher._clock = lambda: 0.0
        reading._find_enough, reading._enough = lambda: enough, enough
        self.kept, self.lanes = Kept(self.server, signature, **settings), lanes
        self.callers = [self.server.connect(lanes=lanes) for _ in range(CALLERS)]

    def turn(self, said):
        """said: caller, head, body, and whether the caller has gone before it is answered."""
        for at, more, body, gone in said:
            heard = self.callers[at].asks(body, more)
            if gone:
                self.callers[at].listener.connection_lost(None)
                self.callers[at] = self.server.connect(lanes=self.lanes)
            else:
                self.callers[at].before = getattr(self.callers[at], "before", []) + heard
        while self.waiting:
            self.waiting.pop(0)()
        found = [vars(caller).pop("before", []) + caller.heard() for caller in self.callers]
        return found, sorted(map(repr, self.kept.news())), self.server.counted(), self.server.plane.pending


@pytest.mark.parametrize("kind", ["matrix", "columns"])
@settings(max_examples=150)
@given(data=st.data(), enough=st.sampled_from([1, 2, 5, 64]), subject=st.booleans())
def test_a_turn_is_the_same_together_and_one_by_one(kind, data, enough, subject):
    signature = matrix("FP32") if kind == "matrix" else columns()
    kept = {"subject": "a"} if subject else {}
    fast, slow = (Turns(signature, enough, lanes=lanes, settings=kept) for lanes in (True, False))

    def body():
        rows = data.draw(st.integers(1, 2))
        usual = st.sampled_from(NUMBERS[:4])
        number = st.sampled_from(NUMBERS) if data.draw(st.integers(0, 14)) == 14 else usual
        width = 3 if kind == "matrix" else 1
        texts = [",".join(data.draw(st.lists(number, min_size=rows * width, max_size=rows * width))) for _ in "abc"]
        if kind == "matrix":
            return tensors(("x", "FP32", [rows, 3], f"[{texts[0]:40}]"))
        return tensors(*((name, "FP64", [rows], f"[{text:16}]") for name, text in zip("abc", texts, strict=True)))

    for _ in range(data.draw(st.integers(2, 8))):
        who = data.draw(st.lists(st.integers(0, CALLERS - 1), min_size=2, max_size=CALLERS, unique=True))
        # who leaves in a turn with several calls may have been answered already
        leaves = st.integers(0, 9).map(lambda number: number == 9) if enough == 64 else st.just(False)
        said = [(at, data.draw(st.sampled_from(HEADS)), body(), data.draw(leaves)) for at in who]
        assert fast.turn(said) == slow.turn(said)
