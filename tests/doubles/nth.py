"""A process that dies, or a disk that fails, at the n-th call that changes something on it.

The calls are those of Python's own functions of the operating system, seen by a profiler in a forked process: nothing
is replaced, and no tracer has to be there.
"""

import errno
import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

STEPS: Final = frozenset({
    "write", "writelines", "flush", "fsync", "fdatasync", "rename", "replace", "link", "unlink", "mkdir", "rmdir",
    "chmod", "fchmod", "open", "truncate", "ftruncate", "symlink", "utime",
})  # fmt: skip
# what has a fault of the system from Python's own functions; a library's own `flush` has others
_SYSTEM: Final = frozenset({"builtins", "_io"})
KILLED, FINISHED, REFUSED, FAULT = 99, 0, 3, 1


def steps_of(action: Callable[[], None]) -> int:
    """How many such calls the action makes, in a process of its own."""
    reading, writing = os.pipe()

    def counted() -> None:
        counter = _Counter(-1, None)
        _see(counter)
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


def left_alone(action: Callable[[], None]) -> Callable[[], None]:
    """Begin the action in a process in which nothing goes wrong; gives what waits for its end."""
    pid = _begun(action)

    def ended() -> None:
        assert _end(pid) == FINISHED

    return ended


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
        if type(getattr(call, "__self__", None)).__module__ not in _SYSTEM:
            return
        raise OSError(self.code, os.strerror(self.code), "the n-th call")


def _see(counter: _Counter) -> None:
    """In this thread and in those that begin from now on; the process ends with what it does."""
    threading.setprofile(counter)
    sys.setprofile(counter)


def _watched(counter: _Counter, action: Callable[[], None]) -> None:
    _see(counter)
    try:
        action()
    finally:
        sys.setprofile(None)


def _forked(action: Callable[[], None]) -> int:
    return _end(_begun(action))


def _end(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _begun(action: Callable[[], None]) -> int:
    from trimtab.core.errors import TrimtabError

    pid = os.fork()
    if pid:
        return pid
    try:
        action()
    except TrimtabError:
        os._exit(REFUSED)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent learns of it
        traceback.print_exc()
        os._exit(FAULT)
    os._exit(FINISHED)
