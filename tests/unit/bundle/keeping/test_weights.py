"""What is made once for all processes of a server: by one of them, whoever is killed, and only where it can be."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from trimtab.bundle.keeping.weights import once_for_all, weights_shared


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that something is made of."""
    path = tmp_path / "model"
    path.write_bytes(b"weights")
    return path


class Maker:
    """Makes a file, and notes in another one that it did; what is loaded is its text, with who did it."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.touch()

    def make(self, folder: Path) -> str | None:
        with self.notes.open("a") as notes:
            notes.write("made\n")
        time.sleep(0.05)  # time for others to come in between, if they could
        (folder / "file").write_text("packed")
        return "made " + (folder / "file").read_text()

    def load(self, folder: Path) -> str:
        return "loaded " + (folder / "file").read_text()

    @property
    def times(self) -> int:
        return len(self.notes.read_text().splitlines())


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """See there."""
    return Maker(tmp_path)


def test_it_is_made_once_and_goes_with_the_server(scratch: Path, model: Path, maker: Maker) -> None:
    with weights_shared():
        assert once_for_all(model, maker.make, maker.load) == "made packed"
        assert once_for_all(model, maker.make, maker.load) == "loaded packed"
        (folder,) = scratch.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert maker.times == 1
    assert list(scratch.iterdir()) == []


def test_without_a_server_nothing_is_made(model: Path, maker: Maker) -> None:
    assert once_for_all(model, maker.make, maker.load) is None
    with weights_shared():
        pass
    assert once_for_all(model, maker.make, maker.load) is None
    assert maker.times == 0


def test_of_processes_that_come_at_once_one_makes_it(model: Path, maker: Maker) -> None:
    with weights_shared():
        children = []
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                said = once_for_all(model, maker.make, maker.load)
                os._exit({"made packed": 1, "loaded packed": 2}.get(said or "", 3))
            children.append(pid)
        ended = sorted(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children)
    assert ended == [1, 2, 2, 2]
    assert maker.times == 1


def test_another_file_of_that_name_is_made_anew(model: Path, maker: Maker) -> None:
    with weights_shared():
        once_for_all(model, maker.make, maker.load)
        model.write_bytes(b"other weights")
        assert once_for_all(model, maker.make, maker.load) == "made packed"


def test_what_cannot_be_made_is_tried_once(scratch: Path, model: Path, maker: Maker) -> None:
    def full(folder: Path) -> str | None:
        maker.make(folder)
        raise OSError(28, "no space left on device")

    def useless(folder: Path) -> str | None:
        maker.make(folder)
        return None

    for times, make in enumerate((full, useless), 1):
        model.write_bytes(b"weights" * times)
        with weights_shared():
            for _ in range(3):
                assert once_for_all(model, make, maker.load) is None
            assert list(scratch.glob("*/*/*")) == []
        assert maker.times == times


def test_what_cannot_be_loaded_is_not_there(model: Path, maker: Maker) -> None:
    def damaged(folder: Path) -> str:
        raise ValueError(folder)

    with weights_shared():
        once_for_all(model, maker.make, maker.load)
        assert once_for_all(model, maker.make, damaged) is None


def test_after_a_kill_another_one_makes_it(scratch: Path, model: Path, maker: Maker) -> None:
    def killed(folder: Path) -> str | None:
        maker.make(folder)
        os._exit(9)

    with weights_shared():
        pid = os.fork()
        if pid == 0:
            once_for_all(model, killed, maker.load)
        os.waitpid(pid, 0)
        assert len(list(scratch.glob("*/*.part"))) == 1
        assert once_for_all(model, maker.make, maker.load) == "made packed"
        assert list(scratch.glob("*/*.part")) == []


def test_those_of_models_of_long_ago_go(scratch: Path, model: Path, maker: Maker) -> None:
    with weights_shared():
        for number in range(12):
            model.write_bytes(b"x" * number)
            assert once_for_all(model, maker.make, maker.load) == "made packed"
        assert len(list(scratch.glob("*/*/file"))) == 8
        assert once_for_all(model, maker.make, maker.load) == "loaded packed"


def test_without_room_for_a_folder_a_server_starts_as_well(
    scratch: Path, model: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(scratch / "not-there"))
    with weights_shared():
        assert once_for_all(model, maker.make, maker.load) is None
