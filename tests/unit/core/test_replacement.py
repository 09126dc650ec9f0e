"""The target is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trimtab.core.replacement import Replacement


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_has_the_name_before_the_commit(tmp_path: Path) -> None:
    with Replacement(tmp_path / "out") as whole:
        whole.file.write(b"new")
        assert not (tmp_path / "out").exists()
        whole.commit(overwrite=False)
        assert (tmp_path / "out").read_bytes() == b"new"
    assert names(tmp_path) == ["out"]


def test_without_a_commit_nothing_stays(tmp_path: Path) -> None:
    with Replacement(tmp_path / "out") as whole:
        whole.file.write(b"new")
    assert names(tmp_path) == []


def test_another_file_stays_unless_it_is_to_be_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for overwrite, expected in ((False, b"old"), (True, b"new")):
        target.write_bytes(b"old")
        with Replacement(target) as whole:
            whole.file.write(b"new")
            if overwrite:
                whole.commit(overwrite=True)
            else:
                with pytest.raises(FileExistsError):
                    whole.commit(overwrite=False)
        assert target.read_bytes() == expected
        assert names(tmp_path) == ["out"]


def test_a_file_can_be_for_its_owner_alone(tmp_path: Path) -> None:
    for mode, expected in ((0o600, 0o600), (0o666, 0o644)):
        before = os.umask(0o022)
        try:
            with Replacement(tmp_path / f"{mode:o}", mode) as whole:
                whole.commit(overwrite=False)
        finally:
            os.umask(before)
        assert (tmp_path / f"{mode:o}").stat().st_mode & 0o777 == expected
