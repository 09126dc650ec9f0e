"""The kernel's own calls fail, or take long, as a tracer lets them: nothing acknowledged is lost."""

from __future__ import annotations

import subprocess

import pytest
from tests.doubles.logging_story import found_in

from trimtab.journal.folder import Folder


@pytest.fixture
def tracer(program, tmp_path):
    """strace with faults: tracer("fdatasync:error=EIO:when=2")."""
    strace = program("strace")
    tried = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("needs to trace processes, which is not allowed here")  # stated reason: containers may forbid it

    def command(inject):
        call = inject.partition(":")[0]
        return [strace, "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", f"trace={call}", "-e", f"inject={inject}"]

    return command


@pytest.mark.parametrize("when", [1, 2, 5])
@pytest.mark.parametrize("call", ["fdatasync", "fsync"])
def test_a_sync_that_fails_loses_nothing(tmp_path, logging, tracer, call, when):
    # the folder's own syncs come first: two of a new journal
    inject = f"{call}:error=EIO:when={when + (2 if call == 'fsync' else 0)}"
    child = logging(tmp_path / "journal", runs=2, before=tracer(inject))
    child.hear()
    assert child.process.wait() == 0
    assert "INJECTED" in (tmp_path / "trace").read_text()
    assert child.safe > 60
    numbers, damage = found_in(Folder(tmp_path / "journal"))
    assert numbers == dict.fromkeys(range(len(numbers)), 1)
    assert set(child.written) <= set(numbers)
    assert damage == []


def test_syncs_that_fail_again_and_again_lose_nothing(tmp_path, logging, tracer):
    child = logging(tmp_path / "journal", runs=2, before=tracer("fdatasync:error=EIO:when=3+2"))
    child.hear()
    assert "INJECTED" in (tmp_path / "trace").read_text()
    numbers, _ = found_in(Folder(tmp_path / "journal"))
    assert [numbers[one] for one in child.written if not 1 <= numbers[one] <= 2] == []
    assert len(child.written) > 60
