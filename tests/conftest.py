"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
_MANY_OPEN = 100
# the numbers of Linux, as in its manual page on capabilities
_CAPABILITY_VERSION = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2

# some images set this; every process of the suite would then compile pandas and scikit-learn anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# native threads that wait by spinning take the processor from those they wait for, and the suite's workers share theirs
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

gc.disable()  # what is imported and collected stays: until all of it is there, nothing is looked through for garbage

settings.register_profile("trimtab", deadline=None)  # a busy machine is no fault; pytest's timeout finds what hangs
settings.load_profile("trimtab")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests whose marker names something that is not here are skipped, and the summary says which and why."""
    absent = {}
    if importlib.util.find_spec("torch") is None:
        absent["torch"] = "needs torch, whose CPU wheel is not installed here"
    if os.geteuid() != 0:
        absent["root"] = "needs root, to act as another user or to mount a disk of its own"
    for item in items:
        for name, reason in absent.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """From here on there is garbage; what is there already is none."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)  # tests make much and keep little: a tenth of their time would go into looking
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def few_descriptors() -> Iterator[None]:
    """What a module left open in rings of objects is closed where it is much: `select` takes no number from 1024 on."""
    yield
    if sum(1 for _ in Path("/proc/self/fd").iterdir()) > _MANY_OPEN:
        gc.collect()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def signers() -> ModuleType:
    """Makes keys and certificates: `tests/parts/signers.py`."""
    spec = importlib.util.spec_from_file_location("trimtab_parts_signers", ROOT / "tests/parts/signers.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def modes_count() -> Iterator[None]:
    """The modes of files count in this test, also for root: it lays down the right to pass over them, for the time."""
    if os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    now = (ctypes.c_uint32 * 6)()  # twice: effective, permitted, inheritable
    if libc.capget(head, now):
        raise OSError(ctypes.get_errno(), "capget")
    before = now[0]
    now[0] &= ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    try:
        if libc.capset(head, now):
            raise OSError(ctypes.get_errno(), "capset")
        yield
    finally:
        now[0] = before
        libc.capset(head, now)


@pytest.fixture
def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Where a program is that only tests need; the test is skipped by name where it is not installed."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"needs the program `{name}`, which is not installed here")  # stated reason: not ours to ship
        return found

    return find


class Child:
    """A running child process with its output in files, so that a full pipe can never stop it."""

    def __init__(self, command: Sequence[str], folder: Path, cwd: Path, env: dict[str, str]) -> None:
        self.out_file, self.err_file = folder / "stdout", folder / "stderr"
        with self.out_file.open("wb") as out, self.err_file.open("wb") as err:
            # a session of its own: its children can be stopped with it, and no signal of ours reaches others
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env=env, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def out(self) -> str:
        return self.out_file.read_text()

    @property
    def err(self) -> str:
        return self.err_file.read_text()

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Returns as soon as `ready()` is true; fails, showing the child's output, when it ends or time is up."""
        end = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                pytest.fail(f"the child ended with status {self.process.returncode}:\n{self.out}\n{self.err}")
            if time.monotonic() > end:
                pytest.fail(f"not ready within {seconds} s:\n{self.out}\n{self.err}")
            time.sleep(0.02)

    def wait_for_port(self, port: int, seconds: float = 30) -> None:
        """Returns as soon as something accepts connections on the loopback port."""

        def accepts() -> bool:
            with socket.socket() as client:
                client.settimeout(1)
                return client.connect_ex(("127.0.0.1", port)) == 0

        self.wait_until(accepts, seconds)

    def below(self) -> list[int]:
        """Process ids of what it has started itself."""
        return _below(self.pid)

    def family(self, pid: int | None = None) -> list[int]:
        """Process ids of it, or of that one below it, and of everything below that; empty when it has gone."""
        return _family(self.pid if pid is None else pid)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self, seconds: float = 30) -> int:
        """The exit status, once the child has ended by itself."""
        return self.process.wait(seconds)

    def stop(self) -> None:
        """Ends the child and whatever is left of its own process group, by id."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        for number in (15, 9):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return
            time.sleep(0.02)


def _below(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _family(pid: int) -> list[int]:
    try:
        children = _below(pid)
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(child))]


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Child]]:
    """Starts child processes that are always stopped, also when the test fails.

    start("trimtab", "serve", ..., cwd=folder, env={"PORT": "8081"}): `python` and `trimtab` are this environment's.
    """
    children: list[Child] = []

    def begin(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Child:
        own = Path(sys.executable).parent / command[0]
        first = str(own) if own.exists() else command[0]
        folder = tmp_path_factory.mktemp("child")
        child = Child([first, *command[1:]], folder, cwd or folder, {**os.environ, **(env or {})})
        children.append(child)
        return child

    yield begin
    for child in reversed(children):
        child.stop()
