"""A server under settings that the command line has no words for: `python launch.py STORE NAME SETTINGS`.

SETTINGS is JSON; `trimtab serve` reaches the same function. SIGHUP looks NAME up in the store again.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from trimtab.bundle.store import Store
from trimtab.server.run import run
from trimtab.server.settings import Settings

if __name__ == "__main__":
    store, name = Store(Path(sys.argv[1])), sys.argv[2]
    said = json.loads(sys.argv[3])
    run(
        lambda: {name: store.resolve(name)},
        replace(Settings(), **said),
        lambda address: print(f"\n{address}", flush=True),
    )
