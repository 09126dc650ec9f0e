"""Options of `trimtab fly` that put a gateway in front of two backends, and the gateway that they mean."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from trimtab.cli.options import Duration
from trimtab.cli.show import fact, out_json
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.project import Project
    from trimtab.server.gateway.running import Running
    from trimtab.server.gateway.settings import GatewaySettings, Grpc
    from trimtab.server.settings import Settings

__all__ = ["gateway_options", "settings_through", "through", "wait_for_the_end"]

F = TypeVar("F", bound=Callable[..., Any])
NAME: Final = "gateway"  # of the endpoint
_LISTEN: Final = "127.0.0.1:8080"


def gateway_options(command: F) -> F:
    """What is flown instead of a bundle, and where it is put."""
    for option in (
        click.option("--stay/--no-stay", default=True, help="Go on answering when the flight is over; so if not said."),
        click.option(
            "--pin-token", envvar="TRIMTAB_PIN_TOKEN", default="", metavar="TEXT",
            help="Who shows it in `x-trimtab-pin` may choose an arm; better in the environment, TRIMTAB_PIN_TOKEN.",
        ),
        click.option("--tolerance", type=click.FloatRange(0), default=1e-6, help="Of numbers in answers that agree."),
        click.option(
            "--journal", type=click.Path(path_type=Path), metavar="DIR", help="Keep requests and answers of both arms."
        ),
        click.option(
            "--timeout", type=Duration(), metavar="TIME", help="For a backend's answer to begin; 60s if not said."
        ),
        click.option("--health", default="", metavar="PATH", help="Says if a backend is well; the usual are tried."),
        click.option("--challenger-grpc", default="", metavar="HOST:PORT", help="Where the challenger takes gRPC."),
        click.option("--champion-grpc", default="", metavar="HOST:PORT", help="Where the champion takes gRPC."),
        click.option("--grpc-listen", default="", metavar="HOST:PORT", help="Pass on gRPC from there."),
        click.option("--listen", default=_LISTEN, metavar="HOST:PORT", help=f"Of the gateway; {_LISTEN} if not said."),
        click.option("--challenger", "challenger_url", default="", metavar="URL", help="And of what is to replace it."),
        click.option("--champion", default="", metavar="URL", help="A gateway: the address of what answers now."),
    ):  # fmt: skip
        command = option(command)
    return command


def settings_through(said: Mapping[str, Any], endpoint: str, ledger: Path, project: Project | None) -> GatewaySettings:
    """What the options mean; UserError P113, P370 for what is missing or no address."""
    from trimtab.server.gateway.backends import backend_of, place_of
    from trimtab.server.gateway.settings import GatewaySettings

    if not said["champion"] or not said["challenger_url"]:
        missing = "--champion" if said["challenger_url"] else "--challenger"
        raise UserError(Problem("P113", f"`{missing}` is missing", "trimtab fly", "a gateway is put in front of two"))
    host, port = place_of(said["listen"], "--listen")
    settings = GatewaySettings(
        backend_of(said["champion"], "--champion"),
        backend_of(said["challenger_url"], "--challenger"),
        endpoint or NAME,
        ledger / f"{endpoint or NAME}.gateway.json",
        _serving(host, port, project, insecure=said["insecure"]),
        said["health"], said["pin_token"], said["journal"], tolerance=said["tolerance"], grpc=_grpc(said),
    )  # fmt: skip
    return replace(settings, answer_s=said["timeout"]) if said["timeout"] else settings


def _serving(host: str, port: int, project: Project | None, *, insecure: bool) -> Settings:
    """Where callers come in: certificate and limits are those of `[server]`."""
    from trimtab.server.settings import Settings

    settings = Settings(host=host, port=port, insecure=insecure)
    if project is None:
        return settings
    part = project.server
    tls = (part.tls_cert, part.tls_key) if part.tls_cert is not None and part.tls_key is not None else None
    return replace(settings, tls=tls, body_limit=part.body, idle_timeout_s=part.idle)


def _grpc(said: Mapping[str, Any]) -> Grpc | None:
    from trimtab.server.gateway.backends import place_of
    from trimtab.server.gateway.settings import Grpc

    names = ("grpc_listen", "champion_grpc", "challenger_grpc")
    if not any(said[name] for name in names):
        return None
    for name in names:
        option = f"--{name.replace('_', '-')}"
        if not said[name]:
            raise UserError(Problem("P113", f"`{option}` is missing", "trimtab fly", "gRPC needs all three places"))
        place_of(said[name], option)
    return Grpc(place_of(said["grpc_listen"], "--grpc-listen"), said["champion_grpc"], said["challenger_grpc"])


@contextmanager
def through(settings: GatewaySettings, *, as_json: bool) -> Iterator[Running]:
    """The gateway answers; SIGTERM ends it as Ctrl-C does, after what was taken."""
    from trimtab.server.gateway.running import Running

    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Running(settings) as running:
            if as_json:
                arms = {"champion": str(settings.champion), "challenger": str(settings.challenger)}
                out_json({"address": running.address, "promoted": running.promoted, **arms})
            else:
                fact("gateway", f"{running.address} in front of {settings.champion} and {settings.challenger}")
            yield running
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def wait_for_the_end(running: Running, answers: str, *, as_json: bool) -> None:
    """Go on answering until somebody ends it."""
    if not as_json:
        fact("answering", f"{answers} at {running.address}, until Ctrl-C")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
