"""A process that dies, or a disk that fails, at the n-th call that changes something on it.

The calls are those of Python's own functions of the operating system, seen by a profiler in a forked process: nothing
is replaced, and no tracer has to be there.
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable
from typing import Final

STEPS: Final = frozenset({
    "write", "writelines", "flush", "fsync", "rename", "replace", "link", "unlink", "mkdir", "rmdir", "chmod",
    "fchmod", "open", "truncate", "ftruncate", "symlink", "utime",
})  # fmt: skip
KILLED, FINISHED, REFUSED, FAULT = 99, 0, 3, 1


def steps_of(action: Callable[[], None]) -> int:
    """How many such calls the action makes, in a process of its own."""
    reading, writing = os.pipe()

    def counted() -> None:
        counter = _Counter(-1, None)
        sys.setprofile(counter)
        try:
            action()
        finally:
            sys.setprofile(None)
            os.write(writing, b"%d" % counter.count)

    assert _forked(counted) == FINISHED
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        return int(file.read())


def kill_at(number: int, action: Callable[[], None]) -> int:
    """Run the action in a process that ends before its so-and-so-manieth call, as if it had been killed."""
    return _forked(lambda: _watched(_Counter(number, None), action))


def fail_at(number: int, action: Callable[[], None], code: int = errno.ENOSPC) -> int:
    """Run the action in a process in which that call fails; REFUSED is an error of ours, FAULT any other."""
    return _forked(lambda: _watched(_Counter(number, code), action))


class _Counter:
    def __init__(self, number: int, code: int | None) -> None:
        self.number, self.code, self.count = number, code, 0

    def __call__(self, frame: object, event: str, call: object) -> None:
        del frame
        if event != "c_call" or getattr(call, "__name__", "") not in STEPS:
            return
        if isinstance(getattr(call, "__self__", None), str | bytes):  # `text.replace` changes nothing on a disk
            return
        self.count += 1
        if self.count != self.number + 1:
            return
        if self.code is None:
            os._exit(KILLED)
        raise OSError(self.code, os.strerror(self.code), "the n-th call")


def _watched(counter: _Counter, action: Callable[[], None]) -> None:
    sys.setprofile(counter)
    try:
        action()
    finally:
        sys.setprofile(None)


def _forked(action: Callable[[], None]) -> int:
    from trimtab.core.errors import TrimtabError

    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        action()
    except TrimtabError:
        os._exit(REFUSED)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent learns of it
        traceback.print_exc()
        os._exit(FAULT)
    os._exit(FINISHED)
