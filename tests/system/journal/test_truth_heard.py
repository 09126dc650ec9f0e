"""Callers with keys of their own say what turned out to be so, of a real server: who is heard, and what is joined."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trimtab.client import Client, Patience, SayingError
from trimtab.journal.query.session import open_journal
from trimtab.journal.truth.readout import Readout, read_out
from trimtab.server.guard.keys.file import KeyEntry, encode_keys
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import Grant, Scope

ROW = {"age": 30, "plan": "plus", "spend": 1.5, "city": "Bern"}
CALLERS: Mapping[str, tuple[Scope, ...]] = {
    "shop": ("infer", "feedback"),
    "rival": ("infer", "feedback"),
    "mute": ("infer",),
    "ops": ("feedback", "operate"),
}


class World:
    """A server that asks who calls, and the keys of its callers."""

    def __init__(self, serve: Callable[..., Any], folder: Path, **more: Any) -> None:
        self.journal = folder / "journal"
        ids = {name: new_id() for name in CALLERS}
        self.keys = {name: new_key(id_) for name, id_ in ids.items()}
        entries = [
            KeyEntry(ids[name], name, hash_of(key), tuple(map(Grant, CALLERS[name])), 1)
            for name, key in self.keys.items()
        ]
        file = folder / "keys.json"
        file.write_bytes(encode_keys(entries))
        file.chmod(0o600)
        self._clients: dict[str, Client] = {}
        self.served = serve(guard={"keys": str(file)}, journal={"folder": str(self.journal)}, workers=0, **more)

    def ask(self, who: str, request_id: str = "", rows: int = 1) -> str:
        """The id of the answer."""
        body = json.dumps({"rows": [ROW] * rows, "id": request_id}).encode()
        bearer = f"Bearer {self.keys[who]}"
        status, headers, _ = self.served.post("/v1/models/churn/rows", body, authorization=bearer)
        assert status == 200
        return headers["x-request-id"]

    def client(self, who: str) -> Client:
        if who not in self._clients:
            self._clients[who] = Client(f"http://{self.served.http}", self.keys[who], patience=Patience(tries=1))
        return self._clients[who]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def joined(self, columns: str) -> list[tuple[Any, ...]]:
        with open_journal(self.journal) as found:
            return found.sql(f"SELECT {columns} FROM joined ORDER BY ALL").fetchall()  # noqa: S608 - ours

    def known(self) -> Readout:
        with open_journal(self.journal) as found:
            return found.asked(("interactions", "truth", "feedback"), read_out)


@pytest.fixture
def world(serve, tmp_path: Path) -> Iterator[World]:
    with closing(World(serve, tmp_path)) as made:
        yield made


def test_who_got_the_answer_is_heard_and_nobody_else_but_an_operator(world):
    answer = world.ask("shop")
    with pytest.raises(SayingError) as caught:
        world.client("rival").truth(answer, True)
    assert (caught.value.status, caught.value.code) == (404, "P351")
    with pytest.raises(SayingError) as caught:
        world.client("rival").feedback(answer, score=0)
    assert caught.value.status == 404
    with pytest.raises(SayingError) as caught:
        world.client("mute").truth(answer, True)
    assert (caught.value.status, caught.value.code) == (403, "P332")
    assert (world.known().entries, world.known().opinions) == (0, 0)
    world.client("shop").truth(answer, True)
    world.client("ops").feedback(answer, score=1, comment="<b>fine</b>")
    assert world.joined("id, truth, feedback_score, feedback_comment") == [(answer, True, 1.0, "<b>fine</b>")]


def test_a_list_with_somebody_elses_answer_in_it_is_refused_as_a_whole(world):
    mine, his = world.ask("rival"), world.ask("shop")
    with pytest.raises(SayingError) as caught:
        world.client("rival").truths({"id": one, "value": 1} for one in (mine, his))
    assert [(fault["column"], fault["row"]) for fault in caught.value.faults] == [("id", 1)]
    assert world.known().entries == 0


def test_what_two_callers_call_the_same_are_two_requests(world):
    ids = {who: world.ask(who, "order-7") for who in ("shop", "rival")}
    world.client("shop").truth("order-7", 1)
    assert world.joined("id, truth") == sorted([(ids["shop"], 1), (ids["rival"], None)], key=lambda one: one[0])
    world.client("ops").truth("order-7", 1, name="late")
    assert [late for (late,) in world.joined("truth_late")] == [1, 1]


def test_truth_before_its_answer_is_joined_when_the_answer_is_there(world):
    world.client("shop").truth("order-8", "late")
    assert (world.known().entries, world.known().unknown) == (1, 1)
    answer = world.ask("shop", "order-8")
    assert world.joined("id, truth") == [(answer, "late")]
    assert world.known().unknown == 0


def test_truth_that_arrives_shuffled_three_times_with_duplicates_and_unknown_ids_is_joined_as_offline(serve, tmp_path):
    chance, start = random.Random(6), datetime(2026, 1, 1, tzinfo=UTC)
    tables = []
    for run in range(3):
        folder = tmp_path / str(run)
        folder.mkdir()
        world = World(serve, folder)
        ids = [world.ask("shop", f"order-{at}", rows=2) for at in range(20)]
        said = [(at, row, day) for at in range(20) for row in (0, 1) for day in range((at + row) % 4)]
        entries = [
            {
                "id": chance.choice([ids[at], f"order-{at}"]),
                "row": row,
                "value": (at + day) % 2,
                "time": start + timedelta(day),
            }
            for at, row, day in said
        ]
        entries += [{"id": f"nobody-{at}", "value": 1} for at in range(5)]
        entries += chance.sample(entries, 20)
        chance.shuffle(entries)
        client = world.client("shop")
        for first in range(0, len(entries), 7):
            client.truths(entries[first : first + 7])
        offline = {(f"order-{at}", row): (at + (at + row) % 4 - 1) % 2 for at, row, day in said if day == 0}
        table = {(name, row): value for name, row, value in world.joined("request_id, row, truth") if value is not None}
        assert table == offline
        assert world.known().unknown == 5
        tables.append(table)
        world.close()
    assert tables[0] == tables[1] == tables[2]


def test_what_was_acknowledged_is_there_after_a_kill(start, tmp_path, root, free_port):
    settings = {"journal": {"folder": str(tmp_path / "journal")}, "grpc_port": free_port, "workers": 0}
    child = start("python", str(root / "tests/doubles/serve.py"), json.dumps(settings))
    child.wait_until(lambda: child.out.endswith("\n"))
    told = []
    with Client(child.out.strip().rpartition("/v2")[0] or child.out.strip(), patience=Patience(tries=1)) as client:
        for at in range(50):
            client.truth(f"call-{at}", at)
            told.append(f"call-{at}")
        os.kill(child.pid, signal.SIGKILL)
    child.end()
    with open_journal(tmp_path / "journal") as journal:
        assert {one for (one,) in journal.sql("SELECT id FROM truth").fetchall()} == set(told)


def test_a_server_without_a_journal_says_so(serve):
    served = serve(workers=0)
    status, _, body = served.post("/v1/truth", b'{"id": "a", "value": 1}')
    assert (status, json.loads(body)["code"]) == (404, "P356")
