"""Two revisions of one small model in memory, and the page of a flight between them."""

from types import SimpleNamespace

import pytest

from trimtab.core.checker import Checker
from trimtab.core.signature import Field, Signature
from trimtab.core.traffic import Traffic
from trimtab.server.dataplane import InferRequest
from trimtab.server.flights.arms import Arms, Asked
from trimtab.server.flights.page import Course, Page
from trimtab.server.flights.tally import Layout

SIGNATURE = Signature(
    (Field("x", "FP64"), Field("town", "BYTES", nullable=True)), (Field("y", "FP64"), Field("label", "BYTES"))
)


def revision(version, signature=SIGNATURE):
    """As much of an endpoint as arms look at."""
    fields = {field.name: field for field in signature.inputs}
    return SimpleNamespace(
        name="m", version=version, versions=(version,), signature=signature, inputs=fields, check=Checker(signature),
        golden=None, state="ready", batcher=None, aside=None,
    )  # fmt: skip


class Pair:
    """Arms on a clock that the test moves."""

    def __init__(self):
        self.now = 100.0
        layout = Layout.of(SIGNATURE.outputs)
        self.page = Page(Course(Traffic("f")), 2, layout.width)
        self.arms = Arms(revision("old"), revision("new"), self.page, lambda: self.now)
        self.arms.attach()

    def steer(self, share=0.0, until=0.0, *, promoted=False, **more):
        self.page.steer(Course(Traffic("f", share, **more), until, promoted))

    def asked(self, own_id="i", columns=None, *, revision=None, principal="", **headers):
        said = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        request = InferRequest("m", columns or {"x": [1.0], "town": ["Bern"]}, own_id)
        return Asked(request, own_id, principal, said, revision)

    def assign(self, *words, **more):
        asked = self.asked(*words, **more)
        return self.arms.assign(asked, self.arms.picked(asked.headers, asked.revision))


@pytest.fixture
def pair():
    return Pair()


@pytest.fixture(scope="session")
def signature():
    return SIGNATURE
