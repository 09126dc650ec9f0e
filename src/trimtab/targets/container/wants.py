"""From a deployment to the containers that it wants. Pure: the same deployment gives the same values.

Revisions are in a network of their own, each published on a port of the loopback address; the router shares the
machine's network, so that its control plane is reached from this machine and from no revision.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from trimtab.core.deployment import Deployment
from trimtab.targets.container.files import CONFIG, ROUTES, SETTINGS, STATE, Routes, settings_text
from trimtab.targets.container.labels import (
    AGAIN,
    BUNDLE,
    DEPLOYMENT,
    GATEWAY,
    PORT,
    REVISION,
    ROLE,
    SECRETS,
    as_read,
    deployment_label,
    mine,
)
from trimtab.targets.container.named import FRONT, OF_ROUTER, fronts_of, mounts_of, once_of
from trimtab.targets.container.service import HOST, Mount, Port, Service

__all__ = [
    "LOOPBACK", "Known", "Layout", "address_of", "control_of", "image_of", "network_of", "own_of", "place_of",
    "revision_of", "router_of", "routes_of", "settings_folder",
]  # fmt: skip

_INNER: Final = 8080  # port of HTTP in a container with a network of its own
_ALL: Final = "0.0.0.0"  # noqa: S104 - of the container: what others reach is what is published
LOOPBACK: Final = "127.0.0.1"
_SPAN: Final = 10_000  # ports, from the first one on, that revisions take
_SCRATCH: Final = 64 * 2**20
_ROUTER_MEMORY: Final = 512 * 2**20
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """How containers lie.

    network: `bridge` for one of the endpoint's own, or `host`. folder: of the files that they are shown. root: where
    paths of `[server]` start. first: of the ports of revisions. stop_s: a container has to end.
    """

    network: str = "bridge"
    folder: str = "."
    root: str = "."
    first: int = 20_000
    stop_s: int = 40

    @property
    def is_host(self) -> bool:
        """Whether revisions share the machine's network."""
        return self.network == HOST


def image_of(wanted: Deployment, bundle: str) -> str:
    """Where the image of a bundle is: what is pinned, else the tag that is called as the bundle is."""
    repository, at, _ = wanted.image.partition("@")
    if at and bundle == wanted.bundle:
        return wanted.image
    return f"{repository or f'localhost/trimtab/{wanted.name}'}:{_short(bundle)}"


def network_of(wanted: Deployment, layout: Layout) -> str:
    """The network's name."""
    return HOST if layout.is_host else _prefix(wanted)


def place_of(name: str, environment: str) -> str:
    """A short name for an endpoint in an environment that no other pair has."""
    return _digest([environment, name])[:_DIGITS]


def _prefix(wanted: Deployment) -> str:
    return f"trimtab-{wanted.environment}-{wanted.name}-{place_of(wanted.name, wanted.environment)[:6]}"


def _short(bundle: str) -> str:
    return bundle.removeprefix("sha256:")[:_DIGITS]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def own_of(wanted: Deployment, bundle: str) -> Deployment:
    """What of a deployment a revision is started for: as though nothing were beside it, and it had no address."""
    pinned = image_of(wanted, bundle) if bundle == wanted.bundle else ""
    image = wanted.image if "@" in pinned else wanted.image.partition("@")[0]
    server = {key: value for key, value in wanted.server.items() if key not in OF_ROUTER}
    blank = Deployment(wanted.name, wanted.environment, bundle)
    own = replace(
        wanted, bundle=bundle, challenger="", image=image, server=server,
        host=blank.host, port=blank.port, public=blank.public,
    )  # fmt: skip
    return as_read(own)


@dataclass(frozen=True, slots=True)
class Known:
    """What is not in a deployment.

    image: its id. seal: a keyed digest of the values of the secrets. again: how many containers of the same revision
    there were that are no good any more, whose name and port it must not have. gateway: address from which what is
    published reaches a container.
    """

    image: str = ""
    seal: str = ""
    again: int = 0
    gateway: str = ""

    @property
    def proxies(self) -> tuple[str, ...]:
        """Whose word a revision believes on who calls: the router's, which nobody else is."""
        return (self.gateway,) if self.gateway else ()


def settings_folder(wanted: Deployment, known: Known = Known()) -> str:
    """The folder of a revision's settings, below that of the endpoint; named by their content."""
    return f"settings-{hashlib.sha256(settings_text(wanted, known.proxies).encode()).hexdigest()[:_DIGITS]}"


def revision_of(wanted: Deployment, bundle: str, layout: Layout, known: Known = Known()) -> Service:
    """The container of one revision; its name holds a digest of everything that it is started with."""
    own = own_of(wanted, bundle)
    labels = mine(own.name, own.environment) | {ROLE: "revision", BUNDLE: bundle, DEPLOYMENT: deployment_label(own)}
    service = Service(
        name="",
        image=known.image or image_of(wanted, bundle),
        words=(),
        labels=labels | {key: value for key, value in ((SECRETS, known.seal), (GATEWAY, known.gateway)) if value},
        secrets=(*own.secrets, *once_of(own.server, layout.root)),
        mounts=(
            Mount(f"{layout.folder}/{settings_folder(own, known)}", CONFIG),
            *mounts_of(own.server, layout.folder, layout.root),
        ),
        tmpfs={"/tmp": _SCRATCH},  # noqa: S108 - of the container
        network=network_of(own, layout),
        memory=own.resources.memory,
        cpu=own.resources.cpu,
        stop_s=layout.stop_s,
    )
    return _named(service, own, layout, known.again)


def _named(service: Service, own: Deployment, layout: Layout, again: int) -> Service:
    """With what follows from all the rest: name, port, digest."""
    digest = _digest(asdict(service))
    outer = layout.first + (int(digest[:8], 16) + again) % _SPAN
    inner = outer if layout.is_host else _INNER
    host = (LOOPBACK,) if layout.is_host else (_ALL, "--insecure")  # behind what is published
    return replace(
        service,
        name=f"{_prefix(own)}-{_short(own.bundle)}-{digest[:8]}{f'-{again}' if again else ''}",
        words=("--settings", f"{CONFIG}/{SETTINGS}", "--port", str(inner), "--host", *host),
        labels={**service.labels, REVISION: digest, AGAIN: str(again), PORT: str(outer)},
        ports=() if layout.is_host else (Port(LOOPBACK, outer, inner),),
        health_port=inner,
    )


def address_of(revision: Service) -> str:
    """Where the router finds it."""
    return f"http://{LOOPBACK}:{revision.ports[0].outer if revision.ports else revision.health_port}"


def router_of(wanted: Deployment, layout: Layout, image: str = "") -> Service:
    """The container in front: it stays while revisions come and go. image: any, for trimtab is in all of them."""
    server = {key: value for key, value in wanted.server.items() if key in OF_ROUTER}
    own = Deployment(
        wanted.name, wanted.environment, "", host=wanted.host, port=wanted.port, server=server, public=wanted.public
    )
    labels = mine(wanted.name, wanted.environment) | {ROLE: "router", DEPLOYMENT: deployment_label(own)}
    service = Service(
        name=f"{_prefix(wanted)}-router",
        image="",
        entrypoint=("python", "-m", "trimtab", "route"),
        words=(f"{CONFIG}/{ROUTES}",),
        labels=labels,
        mounts=(
            Mount(f"{layout.folder}/routes", CONFIG),
            Mount(f"{layout.folder}/state", STATE, writable=True),
            *([Mount(f"{layout.folder}/{FRONT}", f"/etc/trimtab-{FRONT}")] if fronts_of(server) else []),
        ),
        tmpfs={"/tmp": _SCRATCH},  # noqa: S108 - of the container
        memory=_ROUTER_MEMORY,
        stop_s=layout.stop_s,
        health_port=control_of(wanted),
    )
    image = image or image_of(wanted, wanted.bundle)
    return replace(service, image=image, labels={**labels, REVISION: _digest(asdict(service))})


def control_of(wanted: Deployment) -> int:
    """The port of the control plane on the loopback address: what `[server] admin` says, else the next one."""
    said = wanted.server.get("admin")
    return said if isinstance(said, int) and said else wanted.port + 1


def routes_of(wanted: Deployment, champion: Service, challenger: Service | None = None) -> Routes:
    """What the router is told."""
    backends = {one.labels[BUNDLE]: address_of(one) for one in (champion, challenger) if one is not None}
    control = (LOOPBACK, control_of(wanted))
    listen = (wanted.host, wanted.port)
    return Routes(wanted.name, listen, control, wanted.bundle, backends, wanted.timeout_s, wanted.server)
