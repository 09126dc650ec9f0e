"""A guard has what the settings say, and nothing that they do not."""

import pytest

from trimtab.core.errors import UserError
from trimtab.server.guard.audit.audit import LogJournal
from trimtab.server.guard.audit.filejournal import FileJournal
from trimtab.server.guard.make import audit_of, open_guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import ANYBODY
from trimtab.server.guard.settings import GuardSettings, Share
from trimtab.server.settings import Settings
from trimtab.server.wire import Request


def log(_event, _fields):
    pass


def at(host):
    return Request(b"GET", b"/", b"", {b"host": host}, b"", keep_alive=True)


def test_where_nothing_is_said_everybody_on_this_machine_may():
    guard = open_guard(Settings(), log)
    assert (guard.asks, guard.shares) == (False, None)
    assert guard.caller(at(b"localhost"), Peer("127.0.0.1")) == ANYBODY
    with pytest.raises(UserError, match="P330"):
        guard.caller(at(b"evil.example"), Peer("127.0.0.1"))


@pytest.mark.parametrize("settings", [{"host": "10.0.0.1"}, {"insecure": True}])
def test_a_server_that_others_reach_is_called_by_names_that_it_does_not_know(settings):
    assert open_guard(Settings(**settings), log).caller(at(b"churn.example"), Peer("10.0.0.2")) == ANYBODY


def test_a_share_is_counted_unless_it_is_not_wanted_here():
    settings = Settings(processes=1, guard=GuardSettings(share=Share(concurrent=1)))
    guard = open_guard(settings, log)
    guard.attach(0)
    assert guard.begin(ANYBODY, {}, Peer("192.0.2.1")) == "address:192.0.2.1"
    with pytest.raises(UserError, match="P333"):
        guard.begin(ANYBODY, {}, Peer("192.0.2.1"))
    assert open_guard(settings, log, shares=False).shares is None


def test_a_file_of_keys_that_is_not_there_is_said_at_the_start(tmp_path):
    with pytest.raises(UserError, match="P342"):
        open_guard(Settings(guard=GuardSettings(keys=tmp_path / "keys.json")), log)


def test_records_go_into_a_folder_or_into_the_log(tmp_path):
    logged = []
    audit_of(GuardSettings(), lambda event, fields: logged.append((event, fields))).refused("a", "b", "c", "page")
    assert logged[0][0] == "audit"
    folder = tmp_path / "audit"
    audit_of(GuardSettings(audit=folder), log).refused("a", "b", "c", "page")
    assert '"reason":"page"' in (folder / "audit.jsonl").read_text().replace('": "', '":"')
    assert isinstance(FileJournal(folder, log), FileJournal)
    assert isinstance(LogJournal(log), LogJournal)
