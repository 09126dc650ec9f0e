"""A real server over models that answer part by part, at the pace that the test says.

Each row of `told` names a folder. Ahead of each part the model waits there for a line in the pipe `go`, and does what
it says: `part`, `end`, `raise`, `crash`, `hang`, `wrong`, `many COUNT SIZE` (parts without waiting). It writes a line
into `log` for each part, and one when its generator is closed. `at_once` doubles x and does not yield.

python tests/doubles/yielding.py '{"workers": 2}'   settings as JSON; prints the address, then answers
"""

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import join
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.run import run
from trimtab.server.settings import Settings

TOLD = Signature((Field("folder", "BYTES"),), (Field("text", "BYTES"), Field("count", "INT64")), "arrays")
AT_ONCE = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")


def part(height, count, text="word "):
    """The part of that number."""
    return {"text": np.array([text] * height, object), "count": np.full(height, count)}


class Teller:
    """Parts as the pipe of the first row's folder says; without a folder two of them."""

    def __call__(self, table):
        return join(self.parts(table))

    def parts(self, table):
        height, folder = table.height, table.columns["folder"].values[0]
        if not folder:
            yield part(height, 1)
            yield {"text": np.array(["more"] * height, object)}
            return
        yield from self.told(height, Path(folder))

    def told(self, height, folder):
        count = 0
        with (folder / "log").open("a", buffering=1) as log, (folder / "go").open() as go:
            log.write(f"pid {os.getpid()}\n")
            try:
                for line in go:
                    word, *size = line.split()
                    match word:
                        case "end":
                            return
                        case "raise":
                            raise ValueError("secret of the model")
                        case "crash":
                            os.kill(os.getpid(), signal.SIGKILL)
                        case "hang":
                            time.sleep(1000)
                        case "wrong":
                            yield part(height + 1, 0)
                    for _ in range(int(size[0]) if word == "many" else 1):
                        count += 1
                        log.write(f"part {count}\n")
                        yield part(height, count, "x" * int(size[1]) if word == "many" else "word ")
            finally:
                log.write("closed\n")


@dataclass
class Bundle:
    """In memory."""

    name: str
    signature: Signature
    predictor: object
    row: dict
    digest: str = f"sha256:{'ab' * 32}"
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))
    inline: bool = False

    def load(self):
        return self.predictor

    def privacy(self):
        return {}

    def golden(self):
        table = check(self.signature, self.row)
        return Golden(table, self.predictor(table), 0.0, 0.0)


def double(table):
    return {"y": table.columns["x"].values * 2}


BUNDLES = {
    "told": Bundle("told", TOLD, Teller(), {"folder": ["", ""]}),
    "at_once": Bundle("at_once", AT_ONCE, double, {"x": [1.0, 2.0]}, inline=True),
}

if __name__ == "__main__":
    said = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    if "journal" in said:
        said["journal"] = JournalSettings(**said["journal"] | {"folder": Path(said["journal"]["folder"])})
    run(lambda: BUNDLES, replace(Settings(port=0), **said), lambda address: print(address, flush=True))
