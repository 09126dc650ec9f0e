"""Keys of two callers and of an operator: who may say something of whose answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.system.journal.conftest import interactions_in, records_in

ROW = json.dumps([{"age": 30, "plan": "plus", "spend": 1.5, "city": None}]).encode()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Keys by the name of their owner; `file` is that of the hashes."""
    folder = tmp_path_factory.mktemp("keys")
    made = {"file": str(folder / "keys.json")}
    for name, scopes in {
        "ann": ["infer", "feedback"],
        "bob": ["infer", "feedback"],
        "ops": ["operate", "feedback"],
        "eve": ["infer"],
        "part": ["feedback:churn-*"],
    }.items():
        words = [word for scope in scopes for word in ("--scope", scope)]
        command = [sys.executable, "-m", "trimtab", "key", "add", name, *words, "--keys", made["file"]]
        made[name] = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
    return made


def test_an_answer_is_spoken_of_by_the_one_who_got_it_and_by_operators(serve, keys, tmp_path: Path) -> None:
    served = serve(journal={"folder": str(tmp_path / "journal")}, guard={"keys": keys["file"]})

    def as_(name: str, path: str, body: bytes) -> tuple[int, str]:
        status, headers, said = served.post(path, body, authorization=f"Bearer {keys[name]}")
        return status, headers.get("x-request-id", "") if path.endswith("rows") else json.loads(said).get("code", "")

    status, anns = as_("ann", "/v1/models/churn/rows", ROW)
    assert status == 200
    truth = json.dumps({"id": anns, "value": 1}).encode()
    assert as_("bob", "/v1/truth", truth) == (404, "P351")
    assert as_("bob", "/v1/feedback", json.dumps({"id": anns, "score": 0}).encode()) == (404, "P351")
    assert as_("part", "/v1/truth", truth) == (404, "P351")
    assert as_("eve", "/v1/truth", truth) == (403, "P332")
    assert served.post("/v1/truth", truth)[0] == 401
    assert records_in(tmp_path / "journal", "truth") == []
    assert as_("ann", "/v1/truth", truth) == (200, "")
    assert as_("ops", "/v1/truth", json.dumps({"id": anns, "value": 0}).encode()) == (200, "")
    assert as_("bob", "/v1/truth", json.dumps({"id": "order-1", "value": 0}).encode()) == (200, "")
    found = records_in(tmp_path / "journal", "truth")
    assert [(one["principal"], one["operator"], one["value"]) for one in found] == [
        ("key:ann", False, 1), ("key:ops", True, 0), ("key:bob", False, 0),
    ]  # fmt: skip
    assert [one.principal for one in interactions_in(tmp_path / "journal")] == ["key:ann"]
