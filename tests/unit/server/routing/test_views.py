from __future__ import annotations

import asyncio
import json

from tests.doubles.routed import Harbour

from trimtab.server.routing.sums import Totals, families
from trimtab.server.routing.views import own_paths, status_of


def test_what_it_says_of_itself():
    async def tell() -> None:
        harbour = Harbour()
        router = harbour.start(harbour.file(1, "a", "a", "b", "ill"))
        await router.fly("f1", "b")
        said = status_of(router)
        assert (said["version"], said["champion"], said["flight"], said["ready"]) == (1, "a", "f1", True)
        assert {name: (one["arm"], one["state"]) for name, one in said["backends"].items()} == {
            "a": ("champion", "ready"), "b": ("challenger", "ready"), "ill": ("", "loading"),
        }  # fmt: skip
        await router.promote("f1")
        said = status_of(router)
        assert (said["champion"], said["promoted_by"], said["flight"]) == ("b", "f1", "")

    asyncio.run(tell())


def test_paths_that_are_its_own():
    async def tell() -> None:
        harbour = Harbour()
        router = harbour.start(harbour.file(1, "a"))
        paths = own_paths(router)
        assert {path: answer().status for path, answer in paths.items()} == {
            b"/livez": 200, b"/readyz": 200, b"/metrics": 404,
        }  # fmt: skip
        harbour.made["a"].says("failed", "no route to 10.0.0.1")
        answer = paths[b"/readyz"]()
        assert (answer.status, json.loads(answer.body)) == (503, {"ready": False})
        assert paths[b"/livez"]().status == 200
        router.around.stopping = True
        assert json.loads(paths[b"/readyz"]().body)["reason"] == "the router is stopping"

    asyncio.run(tell())


def test_metrics_name_revisions_of_the_file_and_arms_alone():
    async def tell() -> None:
        harbour = Harbour()
        router = harbour.start(harbour.file(1, "a", "a", "b"))
        assert not [one for one in families(router, Totals()) if one.name.startswith("trimtab_flight")]
        await router.fly("f1", "b")
        found = {one.name: one.samples for one in families(router, Totals())}
        assert {sample.labels["arm"] for sample in found["trimtab_flight_share"]} == {"champion", "challenger"}
        champions = {sample.labels["revision"]: sample.value for sample in found["trimtab_router_champion"]}
        assert champions == {"a": 1.0, "b": 0.0}

    asyncio.run(tell())
