from __future__ import annotations

import os

import pytest

from trimtab.core.reports import no_reports


def test_reports_are_off_unless_the_environment_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    no_reports()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "")  # which says nothing
    no_reports()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    no_reports()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
