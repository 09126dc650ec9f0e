from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from trimtab.server.guard.peer import LOCAL
from trimtab.server.routing.answering import Answering
from trimtab.server.wire import Answer, Refusal, Request


class Control:
    """Answers with what it was asked."""

    routes = dict.fromkeys(("GET /livez", "GET /v1/flights/{name}", "DELETE /v1/flights/{name}", "POST /v1/routes"))

    def answer(self, route: str, ask: Any) -> Answer:
        return Answer(200, json.dumps([route, ask.name, dict(ask.query), ask.body.decode()]).encode())


def request(method: str, path: str, query: str = "", body: bytes = b"") -> Request:
    return Request(method.encode(), path.encode(), query.encode(), {}, body, keep_alive=True)


async def asked(*requests: Request) -> list[Answer]:
    control: Any = Control()
    answering, found = Answering(control, asyncio.get_running_loop()), list[Answer]()
    for one in requests:
        told = asyncio.get_running_loop().create_future()
        answering.answer(one, told.set_result, LOCAL)
        found.append(await told)
    answering.close()
    return found


def only(*requests: Request) -> Any:
    return [json.loads(one.body) for one in asyncio.run(asked(*requests))]


def test_routes_names_queries_and_bodies():
    assert only(
        request("GET", "/livez"),
        request("HEAD", "/livez"),
        request("DELETE", "/v1/flights/ch%75rn", "flight=f%201"),
        request("POST", "/v1/routes", body=b"x"),
    ) == [
        ["GET /livez", "", {}, ""],
        ["GET /livez", "", {}, ""],
        ["DELETE /v1/flights/{name}", "churn", {"flight": "f 1"}, ""],
        ["POST /v1/routes", "", {}, "x"],
    ]


@pytest.mark.parametrize("path", ["/", "/livez/", "/v1/flights/a/b", "/v1/flights/", "/v1/flights", "//livez", "*"])
def test_no_other_path_is_one_of_them(path):
    (answer,) = asyncio.run(asked(request("GET", path)))
    assert (answer.status, json.loads(answer.body)["code"]) == (404, "P385")


def test_another_method_is_told_what_there_is():
    (answer,) = asyncio.run(asked(request("PUT", "/v1/flights/a")))
    assert (answer.status, dict(answer.headers)[b"allow"]) == (405, b"GET, DELETE")


def test_bytes_that_are_no_request_keep_their_status():
    async def refused() -> Answer:
        control: Any = Control()
        return Answering(control, asyncio.get_running_loop()).refuse(Refusal(431, "too long"))

    assert asyncio.run(refused()).status == 431
