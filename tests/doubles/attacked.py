"""A real server for attacks: `faulty.py`'s model, which also talks, and fails with words that must not leave.

python tests/doubles/attacked.py '{"workers": 1}'   settings as JSON; prints the address, then answers
"""

import json
import os
import sys
import warnings
from dataclasses import dataclass, replace

import faulty

from trimtab.server.run import run
from trimtab.server.settings import Settings

CANARY = "CANARY-51c0 in /srv/secret/weights.bin"


def predict(table):
    """As `faulty.predict`; ahead of it the model says what it is told, every way there is."""
    for word in set(table.columns["do"].values.tolist()) - {None}:
        what, _, text = word.partition(" ")
        if what == "canary":
            raise RuntimeError(CANARY)
        if what == "say":
            print(text)
            print(text, file=sys.stderr, flush=True)
            warnings.warn(text, stacklevel=1)
        if what == "shout":
            os.write(1, text.encode())
            os.write(2, text.encode())
    return faulty.predict(table)


@dataclass
class Bundle(faulty.Bundle):
    """In memory."""

    def load(self):
        return predict


if __name__ == "__main__":
    said = json.loads(sys.argv[1])
    run(lambda: {"m": Bundle()}, replace(Settings(port=0), **said), lambda address: print(address, flush=True))
