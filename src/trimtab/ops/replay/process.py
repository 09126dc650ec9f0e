"""The process of a bundle as its parent sees it: started, asked, listened to for so long, and ended for sure."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import msgspec

from trimtab.bundle.proof.running import LIBRARIES, PATIENT
from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, RefusedError
from trimtab.core.table import Table
from trimtab.ops.replay.child import ANSWER, ASK, BEAT, FAILED
from trimtab.server.workers.channel import channel_pair
from trimtab.server.workers.codec import pack_table

__all__ = ["EndedError", "Process"]

_START: Final = (
    "import sys; sys.path.append(sys.argv[1]); from trimtab.bundle.proof.network import cut_off; cut_off(); "
    "from trimtab.bundle.proof.bounds import die_with; die_with(int(sys.argv[2])); "
    "from trimtab.ops.replay.child import main; main([int(word) for word in sys.argv[3:6]], sys.argv[6])"
)
_LOAD_S: Final = 300.0
_REAP_S: Final = 1.0
_TAIL: Final = 2000
_SHOWN: Final = 200


class EndedError(Exception):
    """The process has gone, or had to."""

    def __init__(self, how: Literal["crashed", "hung"], said: str) -> None:
        """How, and what is known of it."""
        super().__init__(f"{how}: {said}")
        self.how, self.said = how, said


class Process:
    """A bundle loaded in a process of its own, which ends with this one."""

    def __init__(self, bundle: Bundle, who: str) -> None:
        """Start it and wait until it has loaded; RefusedError (P974) if it cannot. who: its name in messages."""
        self._bundle, self._who = bundle, who
        self._home = TemporaryDirectory(prefix="trimtab-replay-")
        self._over = False
        self._channel, ends = channel_pair()
        home = Path(self._home.name)
        with (home / "said").open("wb") as said:
            self._process = subprocess.Popen(
                [*_command(ends.fds), str(bundle.folder.resolve())],
                cwd=home,
                env=_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                pass_fds=ends.fds,
                start_new_session=True,
            )
        ends.close()
        try:
            self._loaded()
        except BaseException:
            self.end()
            raise

    def ask(self, table: Table, patience_s: float) -> bytes:
        """The block of its answer. EndedError if it dies, or is silent for too long; then it is over."""
        try:
            self._channel.send(ASK, pack_table(table))
            kind, block = self._hear(patience_s)
        except OSError:
            raise self._gone() from None
        if kind != ANSWER:
            raise EndedError("crashed", "it spoke nonsense")
        return block

    def end(self) -> None:
        """Nothing of it is left running; once more does no harm."""
        if self._over:
            return
        self._over = True
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()
        self._process.wait()
        self._channel.close()
        self._home.cleanup()

    def last_words(self) -> str:
        """The last line that it printed, as a hint."""
        try:
            with (Path(self._home.name) / "said").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return f"it said: {lines[-1][:_SHOWN]}" if lines else "`trimtab check` shows more"

    def _loaded(self) -> None:
        where = f"{self._bundle.name}@{self._bundle.digest}"
        try:
            kind, block = self._hear(_LOAD_S)
        except (OSError, EndedError) as ended:
            what = f"the {self._who} cannot be loaded: {ended if isinstance(ended, EndedError) else self._gone()}"
            raise RefusedError(Problem("P974", what, where, self.last_words())) from None
        if kind == FAILED:
            failure, said = msgspec.json.decode(block, type=tuple[str, str])
            what = f"the {self._who} cannot be loaded: {failure}: {said}"
            raise RefusedError(Problem("P974", what, where, "`trimtab check` shows more"))

    def _hear(self, patience_s: float) -> tuple[bytes, bytes]:
        """The next message that is no beat; each beat gives it its time anew."""
        while True:
            if not select.select([self._channel], [], [], patience_s)[0]:
                raise EndedError("hung", "no answer in time")
            try:
                message = self._channel.receive()
            except ValueError:
                raise EndedError("crashed", "it spoke nonsense") from None
            if message is None:
                raise self._gone()
            if message[0] != BEAT:
                return message

    def _gone(self) -> EndedError:
        try:
            status = self._process.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            return EndedError("crashed", "it closed its line")
        by = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        return EndedError("crashed", f"its process {by}")


def _command(fds: list[int]) -> list[str]:
    import trimtab

    ours = [str(Path(trimtab.__file__).parents[1]), str(os.getpid())]
    return [sys.executable, "-P", "-s", "-B", "-u", "-X", "utf8", "-c", _START, *ours, *map(str, fds)]


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the user's; and what makes two runs alike."""
    kept = {name: os.environ[name] for name in ("PATH", *LIBRARIES) if name in os.environ}
    fixed = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}  # sets come in the same order each time
    return {**kept, **fixed, **PATIENT, "HOME": str(home), "TMPDIR": str(home)}
