"""Brings an endpoint where a deployment wants it: beside what answers first, then in its place; then the old one goes.

Nothing is kept of how far it came: each step looks at what is there. So who comes after a kill goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.targets.container import commands
from trimtab.targets.container.coming import Coming
from trimtab.targets.container.compose import compose_text
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.files import SETTINGS, settings_text, show
from trimtab.targets.container.given import forget, give, seal_of, values_of
from trimtab.targets.container.images import image_in
from trimtab.targets.container.labels import PORT, REVISION, mine
from trimtab.targets.container.lending import clear, copies_of, forget_copies, lend, show_copies
from trimtab.targets.container.seen import Seen, altered, gateway_in, look
from trimtab.targets.container.service import HOST, Service
from trimtab.targets.container.steering import Steering
from trimtab.targets.container.wants import (
    LOOPBACK,
    Known,
    Layout,
    address_of,
    control_of,
    network_of,
    own_of,
    revision_of,
    router_of,
    routes_of,
    settings_folder,
)
from trimtab.targets.kept import write
from trimtab.targets.target import Means, Tell

__all__ = ["Applying", "composed", "take_down"]

_STATE: Final = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Applying:
    """What one apply works with; whoever has it is alone with the endpoint. base: that images are made of."""

    engine: Engine
    means: Means
    layout: Layout
    base: str
    coming: Coming
    environ: Mapping[str, str]
    tell: Tell

    @property
    def _folder(self) -> Path:
        return Path(self.layout.folder)

    def apply(self, wanted: Deployment) -> None:
        """See `Target.apply`."""
        seen, started = look(self.engine, wanted.name, wanted.environment), list[Service]()
        values, copies = self._gathered(wanted)
        seal = seal_of(values, self._folder)
        bundles = [wanted.bundle, *([wanted.challenger] if wanted.challenger else [])]
        images = [image_in(self.engine, wanted, one, self.means, self.base, self.tell) for one in bundles]
        gateway = self._network(wanted)
        show_copies(self._folder, copies)
        self._shown(wanted, bundles, Known(gateway=gateway))
        try:
            services = [
                self._beside(wanted, bundle, Known(image, seal, gateway=gateway), (seen, started, values))
                for bundle, image in zip(bundles, images, strict=True)
            ]
            router = router_of(wanted, self.layout, images[0])
            self._switch(wanted, services, router, seen)
        except (Exception, KeyboardInterrupt):
            self._take_back(wanted, started)
            raise
        self._drain(wanted, [router, *services])

    def _gathered(self, wanted: Deployment) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Secrets and copies; the folders that are written to are lent. UserError with all that is not to be had."""
        root = self.means.root.absolute()
        problems: list[Problem] = []
        found: list[dict[str, bytes]] = []
        for read in (partial(values_of, wanted, self.environ, root), partial(copies_of, wanted, root)):
            try:
                found.append(read())
            except UserError as error:
                problems += error.problems
        try:
            lend(wanted, self._folder, root)
        except UserError as error:
            problems += error.problems
        if problems:
            raise UserError(*problems)
        return found[0], found[1]

    def _shown(self, wanted: Deployment, bundles: Sequence[str], known: Known) -> None:
        """The files that containers are shown, before there are any."""
        (self._folder / "routes").mkdir(exist_ok=True)
        state = self._folder / "state"
        state.mkdir(exist_ok=True)
        state.chmod(0o777)
        for bundle in bundles:
            own = own_of(wanted, bundle)
            text = settings_text(own, known.proxies)
            show(self._folder / settings_folder(own, known) / SETTINGS, text.encode())

    def _network(self, wanted: Deployment) -> str:
        """The network is there; the address that the router's requests come from in it."""
        name = network_of(wanted, self.layout)
        if name == HOST:
            return LOOPBACK
        seen = self.engine(commands.network_seen(name))
        if seen.status:
            must(self.engine, commands.create_network(name, mine(wanted.name, wanted.environment)))
            seen = must(self.engine, commands.network_seen(name))
        return gateway_in(seen.out)

    def _beside(
        self,
        wanted: Deployment,
        bundle: str,
        known: Known,
        around: tuple[Sequence[Seen], list[Service], Mapping[str, bytes]],
    ) -> Service:
        """The revision, which is up when this comes back: one that is there already, or a new one."""
        seen, started, values = around
        plain = revision_of(wanted, bundle, self.layout, known)
        same = [one for one in seen if one.labels.get(REVISION) == plain.labels[REVISION]]
        for one in same:
            service = revision_of(wanted, bundle, self.layout, replace(known, again=one.known.again))
            if not altered(one, service):
                break
        else:
            again = max((one.known.again for one in same), default=-1) + 1
            service = self._alone_at_its_port(wanted, bundle, replace(known, again=again))
            self.tell("starting", service.name)
            self.coming.make_free(service)
            started.append(service)
            self.coming.start(service, give(self.engine, service, values))
        self.coming.must_answer(service, f"{wanted.name}@{bundle}")
        return service

    def _alone_at_its_port(self, wanted: Deployment, bundle: str, known: Known) -> Service:
        """The revision, at the first port that no container of ours has: two servers at one would share its callers."""
        while True:
            service = revision_of(wanted, bundle, self.layout, known)
            if not must(self.engine, commands.listing({PORT: service.labels[PORT]})).lines:
                return service
            known = replace(known, again=known.again + 1)

    def _switch(self, wanted: Deployment, services: Sequence[Service], router: Service, seen: Sequence[Seen]) -> None:
        there = next((one for one in seen if one.name == router.name), None)
        runs = there is not None and not altered(there, router)
        steering = self._steering(wanted, router)
        self.tell("switching", f"{router.name} to {services[0].name}")
        steering.switch(routes_of(wanted, *services), runs=runs)

    def _steering(self, wanted: Deployment, router: Service) -> Steering:
        coming = self.coming

        def start() -> None:
            coming.make_free(router)
            coming.start(router, {})

        return Steering(
            self.engine, self._folder, router, control_of(wanted), start,
            coming.clock, coming.sleep, coming.wait_s,
        )  # fmt: skip

    def _take_back(self, wanted: Deployment, started: Sequence[Service]) -> None:
        """What was started goes again, unless the router passes on to it already; why, says whoever sent us here."""
        now = self._steering(wanted, router_of(wanted, self.layout)).now(wanted.name)
        for service in started:
            if address_of(service) not in now.backends.values():
                self.engine(commands.remove(service.name))

    def _drain(self, wanted: Deployment, services: Sequence[Service]) -> None:
        """Everything of the endpoint goes that is not wanted any more: old revisions, and what a kill has left."""
        names = {one.name for one in services}
        for one in look(self.engine, wanted.name, wanted.environment):
            if one.name not in names:
                self.tell("stopping", one.name)
                stop_and_remove(self.engine, one, self.layout.stop_s)
        forget(self.engine, wanted.name, wanted.environment, (one.labels[REVISION] for one in services))
        kept = {Path(mount.source).name for service in services for mount in service.mounts}
        for place in self._folder.glob("settings-*"):
            if place.name not in kept:
                shutil.rmtree(place, ignore_errors=True)
        forget_copies(wanted, self._folder)
        write(self._folder / "compose.yaml", composed(wanted, services, self.layout))


def composed(wanted: Deployment, services: Sequence[Service], layout: Layout) -> str:
    """The compose file of a router and the revisions behind it, its mounts from the file on.

    What the router writes is in memory there, for no folder need be made first.
    """
    near = [_near(one, layout.folder) for one in services]
    named = dict(zip(("router", "champion", "challenger"), near, strict=False))
    behind = [name for name in named if name != "router"]
    project = router_of(wanted, layout).name.removesuffix("-router").replace(".", "-")
    return compose_text(project, named, behind)


def _near(service: Service, folder: str) -> Service:
    mounts = [replace(one, source=f"./{Path(one.source).name}") for one in service.mounts if not one.writable]
    data = [one for one in service.mounts if one.kept]
    mounts += [replace(one, source=one.source.replace(f"{folder}/", "./", 1)) for one in data]
    memory = {one.target: _STATE for one in service.mounts if one.writable and not one.kept}
    return replace(service, mounts=tuple(mounts), tmpfs={**service.tmpfs, **memory})


def stop_and_remove(engine: Engine, one: Seen, within_s: int) -> None:
    """Ends a container when what it took is answered, and takes it away. One that goes meanwhile is no fault."""
    if one.runs:
        engine(commands.stop(one.id, within_s))
    done = engine(commands.remove(one.id))
    if done.status and "no such" not in done.err.lower() and "no container" not in done.err.lower():
        must(engine, commands.remove(one.id))


def take_down(engine: Engine, name: str, environment: str, layout: Layout) -> None:
    """The endpoint goes: the router first, which answers what it took, then all behind it, and what was kept of it.

    What its servers have written stays.
    """
    for one in sorted(look(engine, name, environment), key=lambda one: one.role != "router"):
        stop_and_remove(engine, one, layout.stop_s)
    for network in must(engine, commands.networks(mine(name, environment))).lines:
        must(engine, commands.remove_network(network))
    forget(engine, name, environment)
    clear(Path(layout.folder))
