from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.cli.aloft import airfield_of, control_of, endpoint_of, ledger_at
from trimtab.core.errors import UserError
from trimtab.ops.flights.standing import Standing
from trimtab.project import project_of
from trimtab.release.flight.plan import Plan
from trimtab.release.ledger.flights import Begun

SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'
NOTHING = {"key_from": None, "ca": None, "client_cert": None, "client_key": None, "insecure": False}


def project(text=""):
    return project_of(SMALL + text, Path("/p/trimtab.toml"))


def fault(call, *given):
    with pytest.raises(UserError) as caught:
        call(*given, "trimtab fly")
    return caught.value.problems[0].code


def test_the_control_plane_is_the_one_that_is_said_or_the_project_s():
    assert control_of("http://h:8090/", project("[server]\nadmin = 1\n"), "trimtab fly") == "http://h:8090"
    assert control_of("", project("[server]\nadmin = 8096\n"), "trimtab fly") == "http://127.0.0.1:8096"
    secure = project('[server]\nadmin = 8096\ntls_cert = "c"\ntls_key = "k"\nadmin_host = "10.0.0.1"\n')
    assert control_of("", secure, "trimtab fly") == "https://10.0.0.1:8096"


def test_a_control_plane_that_nobody_could_ask_is_refused():
    assert fault(control_of, "", None) == "P113"
    assert fault(control_of, "", project()) == "P113"
    for wrong in ("h:8090", "ftp://h", "http://user:word@h:1"):
        assert fault(control_of, wrong, None) == "P116"


@pytest.mark.parametrize(
    ("said", "challenger", "endpoint"),
    [("other", "churn:next", "other"), ("", "winback:next", "winback"), ("", "sha256:" + "ab" * 32, "churn")],
)
def test_the_endpoint_is_what_is_said_or_the_challenger_s_name_or_the_project_s(said, challenger, endpoint):
    assert endpoint_of(said, challenger, project(), "trimtab fly") == endpoint


def test_an_endpoint_that_is_none_is_refused():
    assert fault(endpoint_of, "", "", None) == "P113"
    assert fault(endpoint_of, "../churn", "", None) == "P114"


def test_the_ledger_lies_here_unless_it_is_said_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ledger_at(None).folder == tmp_path / "ledger"
    assert ledger_at(Path("elsewhere")).folder == tmp_path / "elsewhere"


def test_a_flight_is_reached_where_it_was_begun_unless_it_is_said_where():
    standing = Standing("churn-1", Begun("churn", "c:n", "http://127.0.0.1:1", Plan()), 0.0, 0.0)
    assert airfield_of(None, "", NOTHING, "trimtab fly").reach(standing).url == "http://127.0.0.1:1"
    assert airfield_of(None, "http://localhost:2", NOTHING, "trimtab fly").reach(standing).url == "http://localhost:2"
