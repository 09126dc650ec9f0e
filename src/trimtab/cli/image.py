"""`trimtab image`: a bundle as a container image, written without a daemon."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.serving import DEFAULT_PORT
from trimtab.cli.show import fact, out_json, say, size_text
from trimtab.project import Project
from trimtab.project.travel import travelling

if TYPE_CHECKING:
    from trimtab.bundle.image.build import Built, Plan

__all__ = ["command"]

_SHORT: Final = len("sha256:") + 12


@click.command("image")
@click.argument("bundle", required=False)
@click.option("--base", required=True, metavar="IMAGE", help="What it stands on: an OCI layout, `DIR` or `DIR:TAG`.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write it; `NAME.oci` if not said.",
)
@click.option("--tag", default="latest", metavar="TAG", help="Its name in the layout; `latest` if not said.")
@click.option("--arch", type=click.Choice(("amd64", "arm64")), default=None, help="Processor; this one if not said.")
@click.option("--label", multiple=True, metavar="KEY=VALUE", help="A further label of the image.")
@click.option("--cc", default="", metavar="COMMAND", help="C compiler for that processor, for the native kernels.")
@click.option("--containerfile", is_flag=True, help="Write a Containerfile and its layers instead, for other builders.")
@store_option
@json_option
def command(
    bundle: str | None,
    base: str,
    output: Path | None,
    store_folder: Path | None,
    *,
    as_json: bool,
    **said: object,
) -> None:
    """Write a container image that serves a bundle, without a daemon and without running anything of it.

    Above the base: a layer of the locked libraries, one of trimtab, one of `[server]` where it says something, one of
    the bundle. The same bundle and base give the same image, byte for byte; a new model changes the last layer alone.
    """
    project = project_here()
    store = store_at(store_folder)
    from trimtab.bundle.image.base import pick
    from trimtab.bundle.image.build import build
    from trimtab.bundle.image.layers import LayerStore
    from trimtab.bundle.image.sources import source_of
    from trimtab.bundle.image.write import write_context, write_layout

    chosen = bundle_of(bundle, store, project)
    tag = str(said["tag"])
    plan = _plan(chosen.name, project, said)
    source, reference, name = source_of(base)
    built = build(chosen, source, pick(source, reference, plan.architecture, name), LayerStore(store.root), plan)
    if said["containerfile"]:
        place = output or Path(f"{chosen.name}.context")
        write_context(built, place)
    else:
        place = output or Path(f"{chosen.name}.oci")
        write_layout(built, place, tag)
    if as_json:
        out_json(_plain(built, place))
    else:
        _tell(built, place, tag)


def _plan(name: str, project: Project | None, said: dict[str, object]) -> Plan:
    from trimtab.bundle.image.build import Plan
    from trimtab.bundle.image.words import created_of, labels_of

    settings = travelling(project.server, name) if project else ""
    if project and (project.server.tls_cert or project.server.tls_key):
        say("tls_cert and tls_key stay here: mount the files, and say `--host 0.0.0.0 --tls-cert ... --tls-key ...`")
    ports = [DEFAULT_PORT]
    if project:
        ports = [project.server.port or DEFAULT_PORT, *([project.server.grpc] if project.server.grpc else [])]
    labels = said["label"]
    return Plan(
        architecture=str(said["arch"] or _this_one()),
        settings=settings,
        ports=tuple(ports),
        labels=labels_of(labels if isinstance(labels, tuple) else ()),
        cross=str(said["cc"]),
        created=created_of(os.environ.get("SOURCE_DATE_EPOCH", "0")),
    )


def _this_one() -> str:
    machine = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def _tell(built: Built, place: Path, tag: str) -> None:
    base = sum(one.size for one in built.base.layers)
    fact("base", f"{built.base.descriptor.digest[:_SHORT]}  {size_text(base)}, Python at {built.running.entrypoint[0]}")
    for one in built.layers:
        size, unpacked = size_text(one.descriptor.size), size_text(one.unpacked)
        fact(one.name, f"{one.descriptor.digest[:_SHORT]}  {size}, {unpacked} unpacked{', new' if one.fresh else ''}")
        for note in one.notes:
            say(note)
    image = built.base.image
    fact("image", f"{place}:{tag}  {image.os}/{image.architecture}, {size_text(built.size)}")
    fact("digest", built.descriptor.digest)


def _plain(built: Built, place: Path) -> dict[str, object]:
    layers = [
        {
            "name": one.name, "digest": one.descriptor.digest, "size": one.descriptor.size, "unpacked": one.unpacked,
            "new": one.fresh, "notes": list(one.notes),
        }
        for one in built.layers
    ]  # fmt: skip
    base = {"digest": built.base.descriptor.digest, "size": sum(one.size for one in built.base.layers)}
    architecture = built.base.image.architecture
    digest, size = built.descriptor.digest, built.size
    return {"digest": digest, "place": str(place), "arch": architecture, "size": size, "base": base, "layers": layers}
