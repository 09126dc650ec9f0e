"""Where each model runs, what is found of it, and what is said of those that cannot be loaded."""

import asyncio
import os
import socket
from collections import deque
from dataclasses import dataclass

import msgspec
import pytest

from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines.inline import Inline
from trimtab.server.opening import Opened, fork_nurseries, open_endpoints
from trimtab.server.settings import Settings
from trimtab.server.workers.channel import ChannelEnds
from trimtab.server.workers.child import READY
from trimtab.server.workers.nursery import Event, Ready
from trimtab.server.workers.pool import Pool
from trimtab.server.workers.voice import Voice

SIGNATURE = Signature((Field("x", "FP64"),), (Field("y", "FP64"),), "arrays")
PROBLEM = Problem("P201", "broken")


def double(table):
    return {"y": table.columns["x"].values * 2}


def centred(table):
    """Rows that depend on each other."""
    x = table.columns["x"].values
    return {"y": x - x.mean()}


@dataclass
class Bundle:
    """Three golden rows, and a predictor that is said."""

    predictor: object = double
    expected: object = double
    inline: bool = True
    name: str = "m"
    digest: str = f"sha256:{'ab' * 32}"
    signature: Signature = SIGNATURE
    manifest: object = Ready  # of which only `flavour` is looked at, below

    def load(self):
        if isinstance(self.predictor, BaseException):
            raise self.predictor
        self.heights = []

        def predict(table):
            self.heights.append(table.height)
            return self.predictor(table)

        return predict

    def privacy(self):
        return {}

    def golden(self):
        table = check(SIGNATURE, {"x": [1.0, 2.0, 6.0]})
        return Golden(table, self.expected(table), 0.0, 0.0)


class Nursery:
    """In memory: a worker is ready as soon as it is asked for, unless something else is to be told."""

    def __init__(self, ready=None, says=()):
        self.ours, self.theirs = socket.socketpair()
        heard, self.words = os.pipe()
        self.voice = Voice(heard)
        self.ready, self.says, self.lines, self.closed = ready, deque(says), [], False
        if says:
            self.theirs.send(b"x" * len(says))

    def fileno(self):
        return self.ours.fileno()

    def spawn(self, worker, ends):
        self.lines.append(ChannelEnds.from_fds([os.dup(fd) for fd in ends.fds]).open())
        if self.ready is not None:
            self.says.append(Event("started", worker, 100 + worker))
            self.theirs.send(b"x")
            self.lines[-1].send(READY, [msgspec.json.encode(self.ready)])

    def event(self):
        if not self.says:
            raise BlockingIOError
        self.ours.recv(1)
        return self.says.popleft()

    def close(self):
        self.closed = True
        for line in self.lines:
            line.close()
        self.ours.close()
        self.theirs.close()
        os.close(self.words)


class Story:
    """Opens these bundles and, while they are open, does what the test says."""

    def __init__(self, kit, bundles, nurseries=None, **settings):
        self.bundles, self.nurseries = bundles, nurseries or {}
        for bundle in bundles.values():
            bundle.manifest = kit.endpoint().bundle.manifest
        self.plane = kit.plane(
            *(Endpoint(name, bundle) for name, bundle in bundles.items()), settings=Settings(processes=1, **settings)
        )
        self.logged = []
        self.plane.log = lambda event, fields: self.logged.append((event, fields["model"]))
        self.opened = Opened([])

    def __call__(self, then=None):
        async def run():
            try:
                await asyncio.wait_for(open_endpoints(self.plane, self.nurseries, self.opened), 30)
                return await then() if then else None
            finally:
                self.lost = self.opened.lost
                self.opened.close()

        return asyncio.run(run())

    async def asks(self, name, *rows):
        """The answers to requests that come at once."""
        loop = asyncio.get_running_loop()
        answers = [loop.create_future() for _ in rows]
        for row, answer in zip(rows, answers, strict=True):
            self.plane.start(InferRequest(name, {"x": [row]}, "id"), answer.set_result)
        return await asyncio.wait_for(asyncio.gather(*answers), 30)


@pytest.mark.parametrize("inline", [True, False])
def test_a_model_without_a_nursery_runs_here_and_answers(kit, inline):
    story = Story(kit, {"m": Bundle(inline=inline)})

    async def then():
        assert [type(engine) for engine in story.opened.engines] == [Inline]
        assert (story.plane.ready, story.opened.lost, story.opened.pids) == (True, False, [])
        return await story.asks("m", 4.0, 5.0)

    answers = story(then)
    assert [answer.outputs["y"].tolist() for answer in answers] == [[8.0], [10.0]]
    assert isinstance(answers[0], InferResponse)
    # what is quick on the loop is answered as it comes, elsewhere rows are joined, since they are the same alone
    assert story.bundles["m"].heights[-1] == (1 if inline else 2)
    assert story.plane.endpoints["m"].golden.inputs.height == 3
    assert story.logged == []


def test_rows_that_depend_on_each_other_are_not_joined_and_it_is_said(kit):
    story = Story(kit, {"m": Bundle(centred, centred)})
    answers = story(lambda: story.asks("m", 4.0, 5.0))
    assert [answer.outputs["y"].tolist() for answer in answers] == [[0.0], [0.0]]
    assert story.logged == [("rows are not joined", "m")]


def test_one_that_answers_otherwise_than_in_training_is_not_ready_and_the_other_is(kit):
    story = Story(kit, {"bad": Bundle(double, centred), "good": Bundle()})
    story()
    states = {name: endpoint.state for name, endpoint in story.plane.endpoints.items()}
    assert (states, story.plane.ready) == ({"bad": "unfit", "good": "ready"}, False)
    assert story.logged == [("not ready", "bad")]


def test_all_that_cannot_be_loaded_is_said_at_once(kit):
    bundles = {"a": Bundle(ValueError("no weights")), "b": Bundle(), "c": Bundle(UserError(PROBLEM, PROBLEM))}
    bundles["d"] = Bundle(SystemExit(3))
    story = Story(kit, bundles)
    with pytest.raises(UserError) as caught:
        story()
    assert [(one.code, one.what) for one in caught.value.problems] == [
        ("P305", "model `a` cannot be loaded: ValueError: no weights"),
        ("P201", "broken"),
        ("P201", "broken"),
        ("P305", "model `d` cannot be loaded: SystemExit: 3"),
    ]
    assert caught.value.problems[0].where == f"bundle {bundles['a'].digest}"


def test_a_model_with_a_nursery_runs_in_its_workers(kit):
    nursery = Nursery(Ready(points={1: 0.5}, threads={"blas": 3}, alone="why"))
    story = Story(kit, {"m": Bundle(ValueError("never loaded here"), inline=False)}, {"m": nursery}, workers=2)

    async def then():
        (pool,) = story.opened.engines
        assert isinstance(pool, Pool)
        for _ in range(20):  # turns: everything that was said lies there already
            await asyncio.sleep(0)
        assert pool.free == 2
        return story.opened.pids, story.opened.lost

    assert story(then) == ([101, 102], False)
    endpoint = story.plane.endpoints["m"]
    assert (endpoint.state, endpoint.threads, endpoint.curve.seconds(1)) == ("ready", {"blas": 3}, 0.5)
    assert story.logged == [("rows are not joined", "m")]
    assert nursery.closed


@pytest.mark.parametrize(
    ("says", "error", "problem", "lost"),
    [
        (Event("failed", problems=[PROBLEM]), UserError, PROBLEM, False),
        (None, OutsideError, Problem("P305", "the process that loads the model has ended"), True),
    ],
)
def test_a_nursery_that_fails_or_ends_is_the_model_s_problem_and_is_closed(kit, says, error, problem, lost):
    nursery = Nursery(says=[says])
    story = Story(kit, {"m": Bundle(inline=False)}, {"m": nursery})
    with pytest.raises(error) as caught:
        story()
    assert caught.value.problems == (problem,)
    assert (story.lost, nursery.closed) == (lost, True)


def test_of_what_the_user_and_others_must_mend_the_user_s_counts(kit):
    story = Story(kit, {"a": Bundle(inline=False), "b": Bundle(ValueError("no"))}, {"a": Nursery(says=[None])})
    with pytest.raises(UserError) as caught:
        story()
    assert [problem.what.split(" can")[0] for problem in caught.value.problems] == [
        "the process that loads the model has ended",
        "model `b`",
    ]


def test_nothing_is_forked_where_all_runs_here(kit):
    user, native = Endpoint("u", Bundle(inline=False, manifest=kit.endpoint().bundle.manifest)), kit.endpoint()
    assert fork_nurseries({"u": user}, Settings(workers=0)) == {}
    assert fork_nurseries({"churn": native}, Settings(workers=2)) == {}
