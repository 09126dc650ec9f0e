from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.cli.through import settings_through
from trimtab.core.errors import UserError
from trimtab.server.gateway.settings import Grpc

SAID = {
    "champion": "http://a:1", "challenger_url": "http://b:2", "listen": "127.0.0.1:8080", "insecure": False,
    "health": "", "pin_token": "", "journal": None, "tolerance": 1e-6, "timeout": None, "grpc_listen": "",
    "champion_grpc": "", "challenger_grpc": "",
}  # fmt: skip


def test_options_become_settings():
    settings = settings_through(SAID | {"timeout": 5.0, "health": "/up"}, "", Path("ledger"), None)
    assert (str(settings.champion), str(settings.challenger), settings.name) == ("http://a:1", "http://b:2", "gateway")
    assert (settings.state, settings.answer_s, settings.health) == (Path("ledger/gateway.gateway.json"), 5.0, "/up")
    assert (settings.serving.host, settings.serving.port, settings.grpc) == ("127.0.0.1", 8080, None)


def test_grpc_needs_all_its_places():
    all_of_them = {"grpc_listen": ":9", "champion_grpc": "a:1", "challenger_grpc": "b:2"}
    assert settings_through(SAID | all_of_them, "", Path(), None).grpc == Grpc(("127.0.0.1", 9), "a:1", "b:2")
    for name in all_of_them:
        with pytest.raises(UserError, match=f"--{name.replace('_', '-')}"):
            settings_through(SAID | all_of_them | {name: ""}, "", Path(), None)


@pytest.mark.parametrize("missing", ["champion", "challenger_url"])
def test_a_gateway_needs_both_arms(missing):
    with pytest.raises(UserError, match="P113"):
        settings_through(SAID | {missing: ""}, "", Path(), None)


def test_the_endpoint_has_its_own_name_and_state():
    settings = settings_through(SAID, "churn", Path("ledger"), None)
    assert (settings.name, settings.state.name) == ("churn", "churn.gateway.json")
