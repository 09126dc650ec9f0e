"""Applies a deployment on this machine in a process that may die, as by kill -9, where it is told.

    python applying.py '{"store": ..., "folder": ..., "root": ..., "wanted": {...}, "dies": ["take_over", "replace"]}'

dies: functions that are called one after another; at the call of the last one the process ends without a word.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means


class Orders(msgspec.Struct):
    store: str
    folder: str
    root: str
    wanted: Deployment
    dies: list[str]


def main(orders: Orders) -> None:
    left = [*orders.dies]

    def look(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and left and frame.f_code.co_name == left[0]:
            left.pop(0)
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    target = LocalTarget(Means(Path(orders.store), Path(orders.folder), Path(orders.root)), patience_s=60)
    sys.setprofile(look)
    target.apply(orders.wanted, lambda *_: None)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Orders))
