"""Two environments for the model that has learnt from October, on ports that are free now.

python demo/releases.py    adds `[env.dev]` and `[env.prod]` to the trimtab.toml in demo/scratch/october
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Final

import nyc

ENVIRONMENTS: Final = """
[env.dev]
target = {{ kind = "local", port = {dev} }}
server = {{ processes = 1 }}

[env.prod]
after = "dev"
requires = ["golden", "contract", "scan", "compatible"]
target = {{ kind = "local", port = {prod} }}
server = {{ processes = 1 }}
"""


def free_ports(count: int) -> list[int]:
    """So many ports of this machine that nobody has at the moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def main() -> None:
    """The project was written anew by challengers.py, so this is said once."""
    dev, prod = free_ports(2)
    file = nyc.WORK / "october/trimtab.toml"
    file.write_text(file.read_text() + ENVIRONMENTS.format(dev=dev, prod=prod))


if __name__ == "__main__":
    main()
