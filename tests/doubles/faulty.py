"""A real server over a model in memory that does what its rows say: answer, raise, crash, hang, leak, sleep.

python tests/doubles/faulty.py '{"workers": 2}'   settings as JSON; prints the address, then answers
"""

import ctypes
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.faults import refused
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.run import run
from trimtab.server.settings import Settings

SIGNATURE = Signature(
    (Field("x", "FP64", nullable=True), Field("do", "BYTES", nullable=True)), (Field("y", "FP64"),), "arrays"
)
KEPT = []
GOLDEN = [1.0, 2.0, 3.0]


def predict(table):  # noqa: C901 - a list of mischief
    """Twice x; `do` says what happens before that."""
    x = table.columns["x"].values
    answers = x * 2
    for word in set(table.columns["do"].values.tolist()) - {None}:
        match word.split():
            case ["raise"]:
                raise ValueError("secret of the model")
            case ["short"]:
                answers = answers[1:]
            case ["crash"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case ["segfault"]:
                ctypes.string_at(0)
            case ["exit"]:
                raise SystemExit(3)
            case ["hang"]:
                time.sleep(1000)
            case ["spin"]:
                ctypes.PyDLL(None).sleep(1000)  # a PyDLL keeps Python's lock: nothing else runs in this process
            case ["leak"]:
                KEPT.append(np.ones(4_000_000))
            case ["sleep", seconds]:
                time.sleep(float(seconds))
    return {"y": answers}


def mischief(word, table):
    """The same, with one more thing that happens in every row but the golden ones; `part 0.3 raise`: in so many."""
    other = table.columns["x"].values > GOLDEN[-1]
    if word.startswith("part "):
        _, part, word = word.split(" ", 2)
        other = other & (table.columns["x"].values % 1 < float(part))
    if word == "more":
        return {"y": predict(table)["y"] + other}
    if other.any():
        table.columns["do"].values[:] = word
    return predict(table)


class Parts:
    """The same, which yields its answer as one part."""

    def __call__(self, table):
        return predict(table)

    def parts(self, table):
        yield predict(table)


@dataclass
class Bundle:
    """In memory; another version answers with another digest."""

    name: str = "m"
    digest: str = f"sha256:{'ab' * 32}"
    signature: Signature = SIGNATURE
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))
    inline: bool = False

    def load(self):
        if os.environ.get("LOADING"):
            time.sleep(float(os.environ["LOADING"]))
        return Parts() if os.environ.get("PARTS") else predict

    def privacy(self):
        return {}

    def golden(self):
        table = check(SIGNATURE, {"x": GOLDEN, "do": [None] * 3})
        return Golden(table, predict(table), 0.0, 0.0)


def bundles():
    """The bundle; its digest and its health come from a file, if one is named, so that a test can change them."""
    version = Path(os.environ["VERSION"]).read_text() if "VERSION" in os.environ else "ab"
    bundle = Bundle(digest=f"sha256:{version[:2] * 32}", inline=bool(os.environ.get("INLINE")))
    if version.endswith("broken"):
        bundle.load = lambda: 1 / 0
    return {"m": bundle}


class Folder:
    """A shelf: `m` as above, and a model for every other file of the folder named by SHELF."""

    def known(self):
        """Names to digests."""
        others = {path.name: f"sha256:{path.read_text()[:2] * 32}" for path in Path(os.environ["SHELF"]).glob("*")}
        return {"m": bundles()["m"].digest} | others

    def find(self, name):
        """As `bundles`; what a file says after its version spoils the bundle."""
        if name == "m":
            return bundles()["m"]
        if name not in self.known():
            raise refused("P312", f"no model `{name}`")
        version, _, fault = Path(os.environ["SHELF"], name).read_text().partition(" ")
        bundle = Bundle(name, f"sha256:{version * 32}", inline=bool(os.environ.get("INLINE")))
        if fault == "broken":
            bundle.load = lambda: 1 / 0
        if fault == "crash":
            bundle.load = lambda: os.kill(os.getpid(), signal.SIGKILL)
        if fault == "waits":
            bundle.load = lambda: time.sleep(1000)
        if fault == "other":
            bundle.signature = replace(SIGNATURE, inputs=SIGNATURE.inputs[:1])
        if fault.startswith("says "):
            bundle.load = lambda: partial(mischief, fault.split(" ", 1)[1])
        if fault == "unfit":
            golden = bundle.golden()
            bundle.golden = lambda: Golden(golden.inputs, {"y": golden.outputs["y"] + 1}, 0.0, 0.0)
        return bundle

    def another(self, reference):
        """A bundle of `m`: `m:FILE` is what that file of the folder says, its version and its fault."""
        name, _, alias = reference.partition(":")
        if not Path(os.environ["SHELF"], alias).is_file():
            raise refused("P312", f"no bundle `{reference}`")
        bundle = self.find(alias)
        bundle.name = name
        return bundle

    def mean(self, _name, digest):
        """What VERSION says; where there is no such file, a name means one thing."""
        if "VERSION" not in os.environ:
            return False
        with Path(os.environ["VERSION"]).open("r+") as file:  # at once, as a store does
            file.write(digest[7:9])
        return True


if __name__ == "__main__":
    said = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    if "tls" in said:
        said["tls"] = tuple(map(Path, said["tls"]))
    shelf = Folder() if "SHELF" in os.environ else None
    if "journal" in said:
        said["journal"] = JournalSettings(**said["journal"] | {"folder": Path(said["journal"]["folder"])})
    run(bundles, replace(Settings(port=0), **said), lambda address: print(address, flush=True), shelf=shelf)
