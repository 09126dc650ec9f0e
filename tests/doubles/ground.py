"""What a target over an engine in memory stands on: bundles, images, and an endpoint."""

from __future__ import annotations

from tests.doubles.yard import Yard

from trimtab.core.deployment import Deployment, Resources
from trimtab.targets.container.target import ContainerTarget, Settled
from trimtab.targets.target import Means

ONE, TWO, THREE = (f"sha256:{letter * 64}" for letter in "abc")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused
QUIET = lambda *_: None  # noqa: E731
WANTED = Deployment("churn", "prod", ONE, port=8100, server={"rows": 9}, resources=Resources(1, 2**29))


def image(digest, repository="localhost/trimtab/churn"):
    return {f"{repository}:{digest[7:19]}": (digest[7:], {"trimtab.bundle.digest": digest})}


def golden(reference, post):
    """Answered by the bundle that is meant."""
    status, body = post("/v2/models/churn/infer", b"rows")
    assert (status, body["asked"]) == (200, "rows")
    return "" if reference == f"churn@{body['digest']}" else f"golden rows are answered by {body['digest']}"


class Ground:
    """An engine, and targets over it, each as another process would make it."""

    def __init__(self, folder, dialect="podman"):
        self.now = 0.0
        self.yard = Yard(dialect, image(ONE) | image(TWO) | image(THREE))
        self.means = Means(folder / "store", folder / "kept")

    def make(self, **settled):
        return ContainerTarget(lambda: self.yard, Settled(**settled), self.means, lambda: self.now, self._sleep, golden)

    def _sleep(self, seconds):
        self.now += seconds

    def apply(self, wanted, **settled):
        return self.make(**settled).apply(wanted, QUIET)

    def status(self):
        return self.make().status("churn", "prod")

    @property
    def answering(self):
        (router,) = (one for one in self.yard.boxes.values() if one.role == "router")
        return router.routes["champion"]
