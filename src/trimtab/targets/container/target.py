"""The target `container`: revisions side by side under podman or docker, and a router in front of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.incoming import exclusive
from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.targets.container.apply import Applying, composed, take_down
from trimtab.targets.container.coming import Coming
from trimtab.targets.container.engine import ENGINES, Engine, program_of
from trimtab.targets.container.files import ROUTES, SETTINGS, routes_text, settings_text
from trimtab.targets.container.fits import HONOURS, must_fit
from trimtab.targets.container.golden import Golden, golden_of
from trimtab.targets.container.lending import stale
from trimtab.targets.container.look import status_of
from trimtab.targets.container.seen import look
from trimtab.targets.container.steering import Routed, routed
from trimtab.targets.container.wants import (
    Layout,
    control_of,
    own_of,
    place_of,
    revision_of,
    router_of,
    routes_of,
    settings_folder,
)
from trimtab.targets.faults import no_answer
from trimtab.targets.options import Option, checked
from trimtab.targets.target import Means, Rendered, Status, Tell

__all__ = ["OPTIONS", "ContainerTarget", "Settled", "container_target"]

OPTIONS: Final[Mapping[str, Option]] = {
    "engine": Option(str, "", ("", *ENGINES)),
    "network": Option(str, "bridge", ("bridge", "host")),
    "base": Option(str, ""),
    "patience": Option(float, 120.0),
    "stop": Option(int, 40),
    "first_port": Option(int, 20_000),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """The options of a target, checked. patience_s: a container has to be ready."""

    network: str = "bridge"
    base: str = ""
    patience_s: float = 120.0
    stop_s: int = 40
    first: int = 20_000


class ContainerTarget:
    """One engine on this machine. Nothing is asked of it before something is wanted."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        settled: Settled,
        means: Means,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        golden: Golden | None = None,
    ) -> None:
        """engine: finds it, when it is needed first. golden: of the means' store, if not said."""
        self._find, self._settled, self._means = engine, settled, means
        self._clock, self._sleep, self._golden = clock, sleep, golden or golden_of(means.store)

    @property
    def honours(self) -> frozenset[str]:
        """See `Target`."""
        return HONOURS

    def render(self, wanted: Deployment) -> Rendered:
        """See `Target`: a compose file, and what its containers are shown."""
        must_fit(wanted)
        layout = self._layout(wanted.name, wanted.environment, Path())
        bundles = [wanted.bundle, *([wanted.challenger] if wanted.challenger else [])]
        services = [revision_of(wanted, one, layout) for one in bundles]
        shown = {
            f"{settings_folder(own)}/{SETTINGS}": settings_text(own) for own in (own_of(wanted, one) for one in bundles)
        }
        return Rendered(
            {
                "compose.yaml": composed(wanted, [router_of(wanted, layout), *services], layout),
                f"routes/{ROUTES}": routes_text(routes_of(wanted, *services), 1),
                **shown,
            }
        )

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        """See `Target`."""
        must_fit(wanted)
        engine = self._find()
        with self._alone(wanted.name, wanted.environment) as layout:
            coming = Coming(engine, self._golden, self._clock, self._sleep, self._settled.patience_s)
            Applying(engine, self._means, layout, self._settled.base, coming, os.environ, tell).apply(wanted)
            return self._status(engine, wanted.name, wanted.environment, layout)

    def status(self, name: str, environment: str) -> Status:
        """See `Target`."""
        return self._status(self._find(), name, environment, self._layout(name, environment, self._means.folder))

    def remove(self, name: str, environment: str) -> None:
        """See `Target`."""
        engine = self._find()
        with self._alone(name, environment) as layout:
            take_down(engine, name, environment, layout)

    def _status(self, engine: Engine, name: str, environment: str, layout: Layout) -> Status:
        seen = look(engine, name, environment)
        router = next((one for one in seen if one.role == "router"), None)
        at = router.deployment if router is not None else None
        control = control_of(at) if at is not None else 0
        told = Routed()
        if seen:
            told = routed(engine, (router.name if router else "", control), name, Path(layout.folder, "routes", ROUTES))
        status = status_of(seen, told, layout)
        changed = stale(status.live, Path(layout.root), Path(layout.folder)) if status.live is not None else ()
        return replace(status, differs=(*status.differs, *changed))

    def _layout(self, name: str, environment: str, top: Path) -> Layout:
        settled = self._settled
        folder = (
            top
            if top == Path()
            else top.absolute() / "container" / f"{environment}.{name}.{place_of(name, environment)}"
        )
        return Layout(settled.network, str(folder), str(self._means.root.absolute()), settled.first, settled.stop_s)

    @contextmanager
    def _alone(self, name: str, environment: str) -> Iterator[Layout]:
        """The only one at this endpoint, over all processes of this machine that keep their things here."""
        layout = self._layout(name, environment, self._means.folder)
        folder = Path(layout.folder)
        if set(layout.folder) & set(',"\n'):
            raise UserError(
                Problem("P526", f"no engine can be shown the folder `{folder}`", "", 'one without `,` and `"`')
            )
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            with exclusive(folder.parent / f".{folder.name}"):
                folder.mkdir(mode=0o700, exist_ok=True)
                yield layout
        except OSError as error:
            what = f"`{error.filename or folder}` cannot be written: {error.strerror or error}"
            raise no_answer(what, str(folder)) from None


def container_target(options: Mapping[str, Any], means: Means) -> ContainerTarget:
    """See `known.Maker`."""
    said = checked("container", options, OPTIONS)
    settled = Settled(said["network"], said["base"], float(said["patience"]), said["stop"], said["first_port"])
    return ContainerTarget(lambda: program_of(said["engine"]), settled, means)
