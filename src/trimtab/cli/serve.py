"""`trimtab serve`: bundles behind HTTP, until it is told to stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.options import env_option, json_option, project_here, store_at, store_option, trusted_bundle
from trimtab.cli.serving import HIGHEST_PORT, MOST, settings_of, surround
from trimtab.cli.shelf import StoreShelf
from trimtab.cli.show import fact, out_json
from trimtab.project.serving import read_serving
from trimtab.server.given import given

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle

__all__ = ["command"]


@click.command("serve")
@click.argument("bundle", nargs=-1)
@click.option("--host", default=None, metavar="ADDRESS", help="Where to listen; 127.0.0.1 if not said.")
@click.option(
    "--port", type=click.IntRange(0, HIGHEST_PORT), default=None, help="8080 if not said; 0 takes a free one."
)
@click.option("--grpc-port", type=click.IntRange(1, HIGHEST_PORT), default=None, help="Answer gRPC too, on this port.")
@click.option(
    "--admin-port",
    type=click.IntRange(1, HIGHEST_PORT),
    default=None,
    help="Load and unload models while serving: the control plane, on this port.",
)
@click.option("--admin-host", default=None, metavar="ADDRESS", help="Where that listens; 127.0.0.1 if not said.")
@click.option(
    "--processes", type=click.IntRange(1, MOST), default=None, help="Serving processes; by the processors if not said."
)
@click.option(
    "--workers",
    type=click.IntRange(0, MOST),
    default=None,
    help="Processes that run user Python, for each serving one; by the processors if not said, 0 for none.",
)
@click.option("--tls-cert", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Certificate, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Its private key, PEM.")
@click.option(
    "--insecure", is_flag=True, help="Listen where other machines reach it, without TLS or although it asks nobody."
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="In place of trimtab.toml: its `[server]`, and `[variables]` and `[secrets]` (references).",
)
@env_option
@store_option
@json_option
def command(bundle: tuple[str, ...], env: str, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Serve bundles: Open Inference Protocol, plain rows, metrics, a page for people.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder; without it, the latest of this folder's trimtab.toml.
    SIGTERM ends it after what was taken is answered; SIGHUP looks names up again, and changes over to what they mean
    now without a failed request. Sockets that systemd has bound take the place of its own.
    """
    file = said.pop("file")
    serving = None if file is None else read_serving(file, Path.cwd())
    project = project_here() if serving is None else None
    if serving is not None:
        surround(serving, os.environ)
    handed = given(os.environ, "" if serving is None else serving.digest)
    settings = settings_of(said, serving or project, os.environ)  # before anything loads a library that has threads
    store = store_at(store_folder)
    shelf = StoreShelf(store, lambda reference: trusted_bundle(reference, store, project, env), bundle or (None,))
    digests: dict[str, str] = {}  # not the bundles: one that is replaced later must not be held here

    def bundles() -> dict[str, Bundle]:
        served = shelf.said()
        digests.update({name: one.digest for name, one in served.items()})
        return served

    from trimtab.server.run import run

    def ready(address: str) -> None:
        if as_json:
            models = {
                name: {"digest": digest, "url": f"{address}/v2/models/{name}"} for name, digest in digests.items()
            }
            ports = {"grpc_port": settings.grpc_port, "admin_port": settings.admin_port}
            out_json({"address": address, **ports, "pid": os.getpid(), "models": models})
            return
        for name, digest in digests.items():
            fact("serving", f"{name}@{digest[:15]} at {address}/v2/models/{name}")
        if settings.grpc_port is not None:
            fact("grpc", f"{settings.host}:{settings.grpc_port}")
        if settings.admin_port is not None:
            scheme = "http" if settings.tls is None else "https"
            fact("admin", f"{scheme}://{settings.admin_host}:{settings.admin_port}")
        fact("page", f"{address}/")

    run(bundles, settings, ready, shelf=shelf, given=handed)
