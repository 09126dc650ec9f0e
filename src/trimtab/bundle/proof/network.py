"""No network for the clean process: refused by Python's audit events, and cut off by the kernel where it lets us.

Imports little, for the kernel gives a user a network of its own only while the process has a single thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

__all__ = ["MODEL", "NoNetworkError", "Wire", "cut_off"]

MODEL: Final = "model"  # the place of what a model file asks
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # linux/sched.h, CLONE_*
_LOCAL: Final = frozenset(
    getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)
)
_SENDS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAMES: Final = frozenset({
    "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
})  # fmt: skip
_HOST_AND_PORT: Final = 2
_READERS: Final = frozenset({"trimtab", "joblib", "cloudpickle", "skops"})  # who calls what a model file tells them to


class NoNetworkError(OSError):
    """What user code sees that asks the network; the words are those of a machine without one."""


class _NoNameError(NoNetworkError, socket.gaierror):
    """The same for a look-up of a name."""


def cut_off() -> bool:
    """Give this process a network of its own, without any device; False where the kernel does not allow it.

    root keeps its rights over files; anybody else becomes the only user of a namespace, under their own number.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (OSError, AttributeError):
        return False
    if unshare(_NEW_NET) == 0:
        return True
    if unshare(_NEW_USER | _NEW_NET) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "wb") as file:  # noqa: PTH123  # pathlib is not loaded yet
                file.write(text.encode())
        except OSError:
            break  # without a number of their own they are `nobody`, who owns the same files
    return True


@dataclass(slots=True)
class Wire:
    """Refuses the network to this process, for good, and notes what the bundle's own code asked of it.

    code: the folder of that code. asked: (what, place) in order; the place is empty where no code of the bundle was
    running, `model` where reading a model file led there. What a library tries while it is being imported is not the
    bundle's question.
    """

    code: str
    asked: list[tuple[str, str]] = field(default_factory=list)

    def cut(self) -> None:
        """From now on a connection, a datagram and a look-up raise `NoNetworkError`; so does listening."""
        sys.addaudithook(self._check)

    def _check(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _SENDS and arguments[0].family not in _LOCAL:
            self._refuse(event, _shown(arguments[1]))
        elif event in _NAMES:
            self._refuse(event, _shown(arguments[:_HOST_AND_PORT]))
        elif event == "socket.bind" and arguments[0].family not in _LOCAL:
            # libraries try this to learn what the machine can do: it asks nobody anything
            raise NoNetworkError(errno.EADDRNOTAVAIL, "there is no network in the clean process")

    def _refuse(self, event: str, whom: str) -> None:
        lookup = event in _NAMES
        what = f"look up `{whom}`" if lookup else f"reach `{whom}`"
        self.asked.append((what, self._place()))
        error, number = (_NoNameError, socket.EAI_AGAIN) if lookup else (NoNetworkError, errno.ENETUNREACH)
        raise error(number, f"there is no network in the clean process to {what}")

    def _place(self) -> str:
        """The line of the bundle's code that led here, `prepare.py:5 in clean`."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the only way to learn who asks
        nearest = ""
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(self.code + os.sep):
                return f"{name[len(self.code) + 1 :]}:{frame.f_lineno} in {frame.f_code.co_name}"
            if name == "<frozen importlib._bootstrap>":
                return ""
            top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
            if frame.f_globals is not globals() and top not in sys.stdlib_module_names:
                nearest = nearest or top
            frame = frame.f_back
        return MODEL if nearest in _READERS else ""


def _shown(address: object) -> str:
    """Host and port, or what was given in their place."""
    parts = address[:_HOST_AND_PORT] if isinstance(address, tuple) else (address,)
    texts = [
        part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in parts if part is not None
    ]
    return ":".join(texts)
