"""As much of systemd as the rendered units ask for: it holds the sockets, starts the service, and starts it again.

python init_system.py FOLDER    # of unit files; says `held` when the sockets are there
"""

import configparser
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ANYTHING = {"strict": False, "interpolation": None, "delimiters": ("=",)}


def read(path: Path) -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(**ANYTHING)
    unit.optionxform = str
    unit.read(path)
    return unit


def held(unit: configparser.RawConfigParser) -> socket.socket:
    said = unit["Socket"]
    if "ListenStream" in said:
        host, _, port = said["ListenStream"].rpartition(":")
        return socket.create_server((host, int(port)), backlog=int(said["Backlog"]))
    one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    path = Path(said["ListenSequentialPacket"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_PATH)
    one.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)
    one.listen()
    return one


def main(folder: Path) -> None:
    (service,) = map(read, folder.glob("*.service"))
    units = [read(path) for path in sorted(folder.glob("*.socket"))]
    sockets = [held(unit) for unit in units]
    names = ":".join(unit["Socket"]["FileDescriptorName"] for unit in units)
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(service["Service"]["ExecStart"])]
    launch = 'n=$1; shift; LISTEN_PID=$$ LISTEN_FDS=$n exec "$@"'
    ours = [3 + number for number in range(len(sockets))]
    for number, one in zip(ours, [os.dup(one.fileno()) for one in sockets], strict=True):
        os.dup2(os.dup(one), 100 + number)
    for number in ours:
        os.dup2(100 + number, number)
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    print("held", flush=True)
    while not stopping:
        process = subprocess.Popen(
            ["/bin/sh", "-c", launch, "sh", str(len(ours)), *words],
            pass_fds=ours,
            cwd=service["Service"]["WorkingDirectory"],
            env=os.environ | {"LISTEN_FDNAMES": names, "INVOCATION_ID": "1"},
        )
        while process.poll() is None:
            if stopping:
                process.terminate()
                process.wait(60)
            time.sleep(0.02)
        print(f"ended {process.returncode}", flush=True)
        if service["Service"]["Restart"] != "always":
            break


if __name__ == "__main__":
    main(Path(sys.argv[1]))
