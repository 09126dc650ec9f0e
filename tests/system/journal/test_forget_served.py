"""A model is packaged, served and asked; what is kept is what the policies say, and nothing of whoever is forgotten.

Random words stand in every column and header: where they turn up is where they were kept.
"""

from __future__ import annotations

import http.client
import json
import random
from pathlib import Path

import pytest
from tests.system.journal.conftest import interactions_in

from trimtab.journal.seal.files import sealed_files

MODEL = """
import numpy as np


def predict(data):
    return {"score": np.asarray(data["level"], float) * 2, "reply": ["dear " + who for who in data["who"]]}
"""
PROJECT = """
name = "greeter"
[model]
path = "model:predict"
golden = "sample.jsonl"
container = "arrays"
lock = "off"
[signature.inputs]
fixed = { log = "keep 30d" }
[server]
workers = 0
[server.log]
mode = "written"
subject = "who"
[server.log.columns]
plain = "keep"
hashed = "hash"
token = "tokenise"
reply = "drop"
level = "bucket 1000"
"""
TEXTS = ("who", "plain", "fixed", "hashed", "token", "email")
KEPT = {"plain", "fixed", "request_id"}


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20)


def word(chance: random.Random, where: str) -> str:
    return f"{where.replace('_', '')}{chance.randrange(16**12):012x}"


def row(chance: random.Random, who: str = "") -> dict[str, object]:
    texts = {name: word(chance, name) for name in TEXTS}
    return {**texts, **({"who": who} if who else {}), "level": chance.randrange(10**6, 10**7), "age": 34}


def everything(journal: Path) -> bytes:
    """Every byte of the journal, and what its files say once they are inflated."""
    from pyarrow import parquet

    found = [path.read_bytes() for path in journal.rglob("*") if path.is_file()]
    for path in sealed_files(journal):
        with path.open("rb") as file:
            found.append(repr(parquet.ParquetFile(file).read().to_pylist()).encode())
    return b"\n".join(found)


def test_what_is_kept_is_what_the_policies_say_and_nothing_of_the_forgotten(start, tmp_path, free_port, chance):
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "trimtab.toml").write_text(PROJECT)
    sample = [json.dumps(row(chance) | {"email": f"{name}@example.org"}) for name in ("anna", "bert", "carl")]
    (tmp_path / "sample.jsonl").write_text("\n".join(sample) + "\n")
    packaged = start("trimtab", "package", "--no-compile", cwd=tmp_path)
    assert packaged.end(60) == 0, packaged.err
    assert "email (drop: values are e-mail addresses)" in packaged.out
    assert "age (bucket 10: named like an age)" in packaged.out
    server = start("trimtab", "serve", "--port", str(free_port), cwd=tmp_path)
    server.wait_for_port(free_port)
    server.wait_until(lambda: get(free_port, "/readyz") == 200)
    people, said, headers = {"anna": word(chance, "anna"), "bert": word(chance, "bert")}, {}, {}
    for name, who in people.items():
        said[name] = row(chance, who)
        headers[name] = {"x-request-id": word(chance, "request"), "user-agent": word(chance, "agent"),
                         "x-forwarded-for": word(chance, "proxy"), "cookie": word(chance, "cookie"),
                         "authorization": f"Bearer {word(chance, 'key')}"}  # fmt: skip
        assert ask(free_port, said[name], headers[name]) == 200
    assert ask(free_port, {**said["anna"], "level": word(chance, "level")}, {}) == 422

    journal = tmp_path / "journal"
    (first, second) = (one for one in interactions_in(journal) if one.status == 200)
    assert first.inputs["level"].values.tolist() == [said["anna"]["level"] // 1000 * 1000]
    assert first.inputs["age"].values.tolist() == [30]
    assert set(first.inputs) == {"who", "plain", "fixed", "hashed", "token", "level", "age"}
    assert set(second.outputs) == {"score"}
    bytes_ = everything(journal)
    for name in people:
        marked = {key: value for key, value in said[name].items() if key in TEXTS}
        marked |= {"request_id": headers[name].pop("x-request-id")} | headers[name]
        found = {key for key, value in marked.items() if str(value).removeprefix("Bearer ").encode() in bytes_}
        assert found == KEPT | {"who"}
        said[name] = marked

    forgotten = start("trimtab", "forget", people["anna"], "--json", cwd=tmp_path)
    assert forgotten.end(60) == 0, forgotten.err
    told = json.loads(forgotten.out)
    assert (told["done"], list(told["rows"]["greeter"].values())) == (True, [1])
    bytes_ = everything(journal)
    assert not [key for key, value in said["anna"].items() if str(value).encode() in bytes_]
    assert told["subject"].encode() not in b"".join(
        path.read_bytes() for path in journal.rglob("*") if path.is_file() and path.parent.name != "forgotten"
    )
    assert {key for key, value in said["bert"].items() if str(value).encode() in bytes_} == KEPT | {"who"}
    assert ask(free_port, row(chance, people["bert"]), {}) == 200, "the server goes on"
    log = server.out + server.err
    assert not [value for one in said.values() for value in one.values() if str(value) in log]


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def ask(port: int, asked: dict[str, object], headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/v1/models/greeter/rows", json.dumps([asked]), headers)
    status = connection.getresponse().status
    connection.close()
    return status
