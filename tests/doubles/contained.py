"""A process that applies containers, and is killed at a topic: `contained.py JSON TOPIC`; empty for never."""

import json
import os
import signal
import sys
from pathlib import Path

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.targets.container.engine import Program
from trimtab.targets.container.target import ContainerTarget, Settled
from trimtab.targets.target import Means


def main() -> None:
    """Ends with status 0, or by SIGKILL."""
    said = json.loads(sys.argv[1])
    means = Means(Path(said["store"]), Path(said["folder"]), Path(said["root"]))
    settled = msgspec.convert(said["settled"], Settled)
    target = ContainerTarget(lambda: Program(said["engine"], "podman"), settled, means)

    def tell(topic: str, _text: str) -> None:
        if topic == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)

    target.apply(msgspec.convert(said["wanted"], Deployment), tell)


if __name__ == "__main__":
    main()
