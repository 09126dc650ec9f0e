"""The folder of an endpoint: one apply at a time, files that are left alone where they are right, nothing left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError
from trimtab.targets.local.place import Place

ONE = Deployment("churn", "dev", "sha256:" + "1" * 64)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Of an endpoint that is not there yet."""
    return Place(tmp_path / "local/dev/churn")


def test_one_apply_at_a_time(place: Place) -> None:
    with place.locked(0.0), pytest.raises(OutsideError, match="another apply"), place.locked(0.0):
        pass
    with place.locked(0.0):
        assert place.folder.stat().st_mode & 0o777 == 0o700


def test_what_was_begun_is_there_until_it_has_ended(place: Place) -> None:
    with place.locked(0.0):
        place.begin(ONE)
        assert (place.live, place.wanted) == (None, ONE)
        place.end(ONE)
        assert (place.live, place.wanted) == (ONE, None)
        place.end(None)
        assert (place.live, place.wanted) == (ONE, None)


def test_a_file_that_says_it_already_is_left_alone(place: Place) -> None:
    with place.locked(0.0):
        place.write({"settings.toml": "a"})
        before = (place.folder / "settings.toml").stat().st_ino
        place.write({"settings.toml": "a"})
        assert (place.folder / "settings.toml").stat().st_ino == before
        place.write({"settings.toml": "b"})
        assert place.read("settings.toml") == "b"
        (place.folder / "settings.toml").write_bytes(b"\xff")
        assert place.read("settings.toml") is None


def test_nothing_is_left_but_what_the_journal_has(place: Place) -> None:
    with place.locked(0.0):
        place.begin(ONE)
        (place.folder / "more").mkdir()
        (place.folder / "link").symlink_to("/nowhere")
        place.clear()
        assert not place.folder.exists()
    with place.locked(0.0):
        (place.folder / "journal").mkdir()
        place.clear()
        assert [path.name for path in place.folder.iterdir()] == ["journal"]


def test_where_nobody_listens_nobody_is_heard(place: Place) -> None:
    assert place.seat.hello(1.0) is None
    with place.locked(0.0):
        (place.folder / "seat").write_text("a file")
        assert place.seat.hello(1.0) is None
        assert place.seat.sockets(1.0) == []
        assert place.seat.pid() == 0


def test_the_words_of_a_server_are_its_last(place: Place) -> None:
    assert place.words_since(0) == ""
    with place.locked(0.0):
        (place.folder / "server.log").write_text("before\nafter\n")
        assert place.words_since(7) == "after\n"
