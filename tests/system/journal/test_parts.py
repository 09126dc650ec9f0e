"""Answers in parts are kept whole, with the last part at the latest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.system.journal.conftest import interactions_in


@pytest.mark.parametrize("mode", ["written", "synced"])
@pytest.mark.parametrize("workers", [0, 1])
def test_an_answer_in_parts_is_kept_as_it_was_when_it_was_whole(serve, tmp_path: Path, mode: str, workers: int) -> None:
    journal = {"folder": str(tmp_path / "journal"), "mode": mode}
    served = serve("yielding.py", journal=journal, processes=1, workers=workers, grpc_port=None)
    body = json.dumps([{"folder": ""}, {"folder": ""}]).encode()
    status, headers, said = served.post("/v1/models/told/rows", body, accept="text/event-stream")
    assert status == 200
    assert said.count(b"event: part") == 2
    (found,) = interactions_in(tmp_path / "journal")
    assert (found.id, found.status, found.rows) == (headers["x-request-id"], 200, 2)
    assert found.outputs["text"].values.tolist() == ["word more"] * 2
    assert found.inputs["folder"].values.tolist() == ["", ""]
