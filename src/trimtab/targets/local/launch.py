"""Starts a server that outlives us: run by its path, without site-packages, so that it takes no time.

    python -IS launch.py FDS NAMES COMMAND...

The server has the descriptors as 3, 4, ..., said as systemd would (`LISTEN_FDS`), and is nobody's child.
"""

import fcntl
import os
import sys

HIGH = 64  # where descriptors are out of the way of those that are made


def main(fds: list[int], names: str, command: list[str]) -> None:
    """Never returns."""
    if os.fork():
        os._exit(0)
    os.setsid()
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH) for fd in fds]
    for fd in fds:
        os.close(fd)
    for number, fd in enumerate(high):
        os.dup2(fd, 3 + number)
    said = {"LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": names, "LISTEN_PID": str(os.getpid())}
    os.execve(command[0], command, os.environ | said)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main([int(fd) for fd in sys.argv[1].split(",") if fd], sys.argv[2], sys.argv[3:])
