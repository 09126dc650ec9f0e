"""Brings endpoints to life: decides where each model runs, loads it there, and puts a queue in front."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from trimtab.bundle.predictor import Predictor
from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.server.batching.at_once import AtOnce
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines import Engine
from trimtab.server.engines.inline import Inline
from trimtab.server.express.express import open_express
from trimtab.server.express.reading import open_reading
from trimtab.server.express.together import open_together
from trimtab.server.flights.arms import everything
from trimtab.server.forked import give_back
from trimtab.server.loading import Loaded, load_checked
from trimtab.server.settings import Settings
from trimtab.server.threads import shares
from trimtab.server.workers.nursery import Nursery, Ready
from trimtab.server.workers.pool import Pool, PoolSettings
from trimtab.server.workers.voice import Voice

__all__ = ["Opened", "fork_nurseries", "open_endpoints"]


def fork_nurseries(endpoints: Mapping[str, Endpoint], settings: Settings) -> dict[str, Nursery]:
    """A nursery for each model that runs user Python; call it while this process is one thread without a loop."""
    if settings.workers == 0:
        return {}
    return {
        name: Nursery.fork(partial(_load, endpoint), name)
        for name, endpoint in endpoints.items()
        if settings.engine == "workers" or not endpoint.bundle.inline
    }


def _load(endpoint: Endpoint) -> Loaded:
    return load_checked(endpoint.bundle.load, endpoint.bundle.golden())


class Opened:
    """What was opened, to be closed again; `lost` says whether something is gone that only a new process can mend."""

    def __init__(self, engines: list[Engine]) -> None:
        """Every engine of this process."""
        self.engines = engines
        self.beside: list[tuple[Endpoint, Engine]] = []  # of challengers, which this process can do without
        self.voices: list[Voice] = []
        self._pools: dict[Endpoint, Pool] = {}  # of what is served

    @property
    def lost(self) -> bool:
        """Whether a nursery has gone."""
        for endpoint, engine in self.beside:
            if not isinstance(engine, Pool) or endpoint.state != "ready":
                continue
            if engine.lost:
                endpoint.found("the process that loads it has gone", {})
            elif endpoint.arms is not None and engine.outgrown > self._outgrown(endpoint.arms.champion):
                endpoint.found("its workers outgrow the memory that the champion's keep to", {})
        return any(isinstance(engine, Pool) and engine.lost for engine in self.engines)

    def _outgrown(self, endpoint: Endpoint) -> int:
        pool = self._pools.get(endpoint)
        return 0 if pool is None else pool.outgrown

    @property
    def pids(self) -> list[int]:
        """The worker processes of all models."""
        return [pid for engine in self._all() if isinstance(engine, Pool) for pid in engine.pids]

    def _all(self) -> list[Engine]:
        return [*self.engines, *(engine for _, engine in self.beside)]

    def add(self, endpoint: Endpoint, engine: Engine) -> None:
        """This too."""
        if _is_beside(endpoint):
            self.beside.append((endpoint, engine))
        else:
            self.engines.append(engine)
            if isinstance(engine, Pool):
                self._pools[endpoint] = engine

    def close(self) -> None:
        """Let go of all engines and what they started."""
        for engine in self._all():
            engine.close()
        for voice in self.voices:
            voice.close()


def _is_beside(endpoint: Endpoint) -> bool:
    return endpoint.arms is not None and endpoint.arms.challenger is endpoint


async def open_endpoints(plane: DataPlane, nurseries: Mapping[str, Nursery], opened: Opened) -> None:
    """Load every model; engines are added to `opened` as they come.

    Raises one error for all that cannot be loaded: OutsideError if none of it is the user's to mend, else UserError.
    """
    plane.open(asyncio.get_running_loop())
    results = await asyncio.gather(
        *(
            (_try if _is_beside(endpoint) else _open)(plane, endpoint, nurseries.get(name), opened)
            for name, endpoint in everything(plane.endpoints).items()
        ),
        return_exceptions=True,
    )
    errors: list[TrimtabError] = []
    for result in results:
        if isinstance(result, TrimtabError):
            errors.append(result)
        elif isinstance(result, BaseException):
            raise result
    if errors:
        outside = all(isinstance(error, OutsideError) for error in errors)
        problems = [problem for error in errors for problem in error.problems]
        raise (OutsideError if outside else UserError)(*problems)


async def _try(plane: DataPlane, endpoint: Endpoint, nursery: Nursery | None, opened: Opened) -> None:
    """A challenger that cannot be loaded is said to be unfit: it takes nothing with it."""
    try:
        await _open(plane, endpoint, nursery, opened)
    except TrimtabError as error:
        endpoint.found("; ".join(problem.what for problem in error.problems), {})


async def _open(plane: DataPlane, endpoint: Endpoint, nursery: Nursery | None, opened: Opened) -> None:
    loop = asyncio.get_running_loop()
    settings = plane.settings
    if nursery is not None:
        nursery.voice.open(loop, endpoint.name, plane.log)
        opened.voices.append(nursery.voice)
    endpoint.golden = await loop.run_in_executor(None, endpoint.bundle.golden)
    if nursery is None:
        loaded = await loop.run_in_executor(None, partial(_load_here, endpoint))
        on_loop_s = settings.on_loop_s if endpoint.bundle.inline else 0.0
        threads = shares(settings.processes, 0, inline=True).threads if endpoint.bundle.inline else 1
        _ready(plane, endpoint, Ready.of(loaded))
        engine: Engine = Inline(loaded.predictor, endpoint.curve, loop, on_loop_s, threads)
        _put(plane, endpoint, engine, loaded.alone, loaded.predictor if on_loop_s else None)
        opened.add(endpoint, engine)
        if _is_beside(endpoint):
            aside = Inline(loaded.predictor, endpoint.curve, loop, -1.0)  # never on the loop
            opened.add(endpoint, aside)
            endpoint.aside = _queue(plane, endpoint, aside, loaded.alone)
        return
    found: asyncio.Future[Ready] = loop.create_future()

    def told(what: Ready | TrimtabError) -> None:
        if found.done():
            return
        if isinstance(what, TrimtabError):
            found.set_exception(what)
        else:
            found.set_result(what)

    pool_settings = PoolSettings(shares(settings.processes, settings.workers, inline=False).workers, settings.memory)
    pool = Pool(nursery, pool_settings, loop, told, endpoint.wake, plane.log)
    opened.add(endpoint, pool)
    pool.open()
    ready = await found
    _ready(plane, endpoint, ready)
    _put(plane, endpoint, pool, ready.alone)


def _load_here(endpoint: Endpoint) -> Loaded:
    try:
        return _load(endpoint)
    except TrimtabError:
        raise
    except BaseException as error:
        what = f"model `{endpoint.name}` cannot be loaded: {type(error).__name__}: {error}"
        raise UserError(Problem("P305", what, f"bundle {endpoint.digest}")) from error
    finally:
        give_back()  # what loading needed for a while


def _ready(plane: DataPlane, endpoint: Endpoint, ready: Ready) -> None:
    endpoint.found(ready.unfit, ready.points)
    endpoint.threads, endpoint.yields = ready.threads, ready.yields
    if ready.unfit:
        plane.log("not ready", {"level": "error", "model": endpoint.name, "reason": ready.unfit})
    elif ready.alone:
        plane.log("rows are not joined", {"level": "warning", "model": endpoint.name, "why": ready.alone})


def _put(plane: DataPlane, endpoint: Endpoint, engine: Engine, alone: str, on_loop: Predictor | None = None) -> None:
    """on_loop: the predictor that may run on the loop's thread."""
    endpoint.batcher = batcher = _queue(plane, endpoint, engine, alone)
    most = plane.settings.rows_limit
    if on_loop is None:
        endpoint.reading = open_reading(endpoint, most)
        return
    limits, longest_s = _limits(plane, alone), plane.settings.on_loop_s
    endpoint.at_once = at_once = AtOnce(on_loop, batcher, endpoint.curve, limits, longest_s)
    soon = asyncio.get_running_loop().call_soon
    endpoint.reading = open_express(endpoint, on_loop, at_once, most) or open_together(
        endpoint, on_loop, batcher, limits, longest_s, soon, most
    )


def _limits(plane: DataPlane, alone: str) -> BatchLimits:
    return replace(plane.settings.batch_limits, rows=1) if alone else plane.settings.batch_limits


def _queue(plane: DataPlane, endpoint: Endpoint, engine: Engine, alone: str) -> Batcher:
    return Batcher(
        engine,
        _limits(plane, alone),
        endpoint.curve,
        asyncio.get_running_loop().call_soon,
        lambda call, failed: plane.failed(endpoint, call, failed),
        frozenset(endpoint.outputs),
    )
