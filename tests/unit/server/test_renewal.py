"""Files that change: a whole set of them counts at once, half a set never, and what became of it is told once."""

import os
from pathlib import Path

import pytest
from tests.doubles.certificates import Authority

from trimtab.core.errors import UserError
from trimtab.server.guard.settings import Certificates, GuardSettings
from trimtab.server.renewal import Renewal, Watch
from trimtab.server.settings import Settings

ROOT = Authority("root")
FIRST, SECOND = ROOT.issues("first", "server"), ROOT.issues("second", "server")


@pytest.fixture
def settings(tmp_path):
    tls = tuple(map(Path, FIRST.write(tmp_path, "server")))
    return Settings(tls=tls, guard=GuardSettings(certificates=Certificates((ROOT.write(tmp_path),))))


@pytest.fixture
def renewal(settings):
    return Renewal(settings)


def test_without_tls_there_is_nothing_to_look_at():
    renewal = Renewal(Settings())
    assert (renewal.context("h2"), renewal.look(), renewal.version, renewal.certificates) == (None, False, 0, None)


def test_a_context_of_files_that_are_not_whole_is_none(settings):
    settings.tls[1].unlink()
    with pytest.raises(UserError, match="P306"):
        Renewal(settings)


def test_what_has_not_changed_stays(renewal):
    contexts = renewal.context("h2"), renewal.context("http/1.1")
    assert contexts[0] is not contexts[1]
    assert not renewal.look()
    assert (renewal.context("h2"), renewal.context("http/1.1"), renewal.version) == (*contexts, 0)


def test_a_pair_counts_when_both_halves_are_there(renewal, settings, tmp_path):
    before = renewal.context("h2")
    settings.tls[0].write_bytes(SECOND.crt)
    assert not renewal.look()
    assert [problem.where for problem in renewal.faults] == [str(settings.tls[1])]
    assert renewal.context("h2") is before
    SECOND.write(tmp_path, "server")
    assert renewal.look()
    assert (renewal.faults, renewal.version, renewal.context("h2") is before) == ((), 1, False)
    assert not renewal.look()


def test_a_file_that_is_mended_within_a_tick_of_its_clock_counts(renewal, settings):
    """Some file systems tell times apart no finer than that; what is broken is looked at whatever its time says."""
    settings.tls[1].write_bytes(SECOND.private())
    assert not renewal.look()
    stat = settings.tls[1].stat()
    settings.tls[1].write_bytes(FIRST.private())
    os.utime(settings.tls[1], ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert renewal.look()
    assert renewal.faults == ()


def test_a_link_that_leads_elsewhere_is_a_change(tmp_path):
    """As Kubernetes does it: files are links into a folder that is itself a link, which is replaced in one step."""
    for folder, identity in (("1", FIRST), ("2", SECOND)):
        (tmp_path / folder).mkdir()
        identity.write(tmp_path / folder, "tls")
    (tmp_path / "now").symlink_to("1")
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).symlink_to(Path("now", name))
    renewal = Renewal(Settings(tls=(tmp_path / "tls.crt", tmp_path / "tls.key")))
    (tmp_path / "next").symlink_to("2")
    (tmp_path / "next").rename(tmp_path / "now")
    assert renewal.look()
    assert not renewal.look()


def test_authorities_count_too_and_one_that_is_gone_is_a_fault(renewal, settings, tmp_path):
    path = settings.guard.certificates.authorities[0]
    path.unlink()
    assert not renewal.look()
    assert [problem.where for problem in renewal.faults] == [str(path)]
    Authority("root").write(tmp_path)
    assert renewal.look()


def test_what_has_become_of_files_is_told_once(renewal, settings, tmp_path):
    told = []
    watch = Watch(renewal, lambda event, fields: told.append((event, fields)))
    watch.look()
    assert told == []
    settings.tls[1].write_text("none")
    for _ in range(3):
        watch.look()
    why = f"{settings.tls[1]}: no private key in this file"
    assert told == [("certificates not renewed", {"level": "error", "why": why})]
    settings.tls[1].unlink()
    watch.look()
    assert "cannot be read" in told[1][1]["why"]
    for identity in (SECOND, FIRST):
        identity.write(tmp_path, "server")
        watch.look()
        watch.look()
    assert told[2:] == [("certificates renewed", {"level": "info"})] * 2
    settings.tls[1].write_text("none")
    watch.look()
    assert told[4][1]["why"] == why
