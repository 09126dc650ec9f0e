"""`trimtab image`: a bundle as a container image, written without a daemon."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.keys import credentials_of, key_options
from trimtab.cli.options import (
    env_option,
    json_option,
    plain_http_option,
    project_here,
    store_at,
    store_option,
    trusted_bundle,
)
from trimtab.cli.serving import DEFAULT_PORT
from trimtab.cli.show import fact, out_json, say, size_text
from trimtab.project import Project
from trimtab.project.guard_text import files_of
from trimtab.project.travel import travelling

if TYPE_CHECKING:
    from trimtab.bundle.evidence import Evidence
    from trimtab.bundle.image.build import Built, Plan
    from trimtab.bundle.oci.opening import Terms
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store

__all__ = ["command"]

_SHORT: Final = len("sha256:") + 12


@click.command("image")
@click.argument("bundle", required=False)
@click.option("--base", required=True, metavar="IMAGE", help="An OCI layout, an archive of one, or REGISTRY/REPO:TAG.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="A folder, `NAME.oci` if not said, or `FILE.tar` for one file that holds the bundle too.",
)
@click.option("--tag", default="latest", metavar="TAG", help="Its name in the layout; `latest` if not said.")
@click.option("--arch", type=click.Choice(("amd64", "arm64")), default=None, help="Processor; this one if not said.")
@click.option("--push", "destination", default="", metavar="REGISTRY/REPO[:TAG]", help="Push it there instead.")
@click.option("--label", multiple=True, metavar="KEY=VALUE", help="A further label of the image.")
@click.option("--cc", default="", metavar="COMMAND", help="C compiler for that processor, for the native kernels.")
@click.option("--containerfile", is_flag=True, help="Write a Containerfile and its layers instead, for other builders.")
@key_options(required=False)
@env_option
@plain_http_option
@store_option
@json_option
def command(bundle: str | None, base: str, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Write a container image that serves a bundle, without a daemon and without running anything of it.

    Above the base: a layer of the locked libraries, one of trimtab, one of `[server]` where it says something, one of
    the bundle. The same bundle and base give the same image, byte for byte; a new model changes the last layer alone.
    """
    if said["key"] and said["containerfile"]:
        raise click.UsageError("--key signs an image, and --containerfile writes none")
    project = project_here()
    store = store_at(store_folder)
    from trimtab.bundle.image.base import pick
    from trimtab.bundle.image.build import build
    from trimtab.bundle.image.layers import LayerStore
    from trimtab.bundle.image.sources import source_of
    from trimtab.bundle.oci.opening import Terms

    terms = Terms(os.environ, said["plain_http"])
    chosen = trusted_bundle(bundle, store, project, said["env"])  # where its code may not run, no image runs it
    source, reference, name = source_of(base, terms)
    plan = _plan(chosen.name, project, said)
    built = build(chosen, source, pick(source, reference, plan.architecture, name), LayerStore(store.root), plan)
    place, sent = _deliver(built, chosen, store, terms, said)
    if as_json:
        out_json(_plain(built, place, sent))
    else:
        _tell(built, place, sent)


def _deliver(built: Built, bundle: Bundle, store: Store, terms: Terms, said: Mapping[str, Any]) -> tuple[str, int]:
    """Put the image where it is wanted; the place, and how many bytes it took there."""
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.image.write import write_archive_of, write_context, write_image, write_layout
    from trimtab.bundle.oci.artifact import BundleSource

    output: Path | None = said["output"]
    about = _signed(built, bundle, said)
    if said["destination"]:
        return write_image(built, said["destination"], terms, about)
    if said["containerfile"]:
        place = output or Path(f"{bundle.name}.context")
        return str(place), write_context(built, place)
    place, tag = output or Path(f"{bundle.name}.oci"), said["tag"]
    if place.suffix == ".tar":
        carried = BundleSource(bundle, evidence_of(store.root, bundle.digest))
        return f"{place}:{tag}", write_archive_of(built, carried, place, tag, about)
    return f"{place}:{tag}", write_layout(built, place, tag, about).sent


def _signed(built: Built, bundle: Bundle, said: Mapping[str, Any]) -> tuple[Evidence, ...]:
    """What a key says of the image, where one is given: that this bundle and this base are what it was made of."""
    if said["key"] is None:
        return ()
    from trimtab.bundle.trust.signing import sign_image

    by = credentials_of(said["key"], said["certificate"], said["chain"])
    return sign_image(bundle, built.descriptor.digest, built.base.descriptor.digest, by).documents


def _plan(name: str, project: Project | None, said: Mapping[str, Any]) -> Plan:
    from trimtab.bundle.image.build import Plan
    from trimtab.bundle.image.words import created_of, labels_of

    settings = travelling(project.server, name, project.folder) if project else ""
    if project and (files := files_of(project.server.guard)):
        shown = ", ".join(path.name for path in files)
        say(f"{shown} stay here: mount them where `[server.auth]` names them, from `/opt/trimtab` on")
    if project and (project.server.tls_cert or project.server.tls_key):
        say("tls_cert and tls_key stay here: mount the files, and say `--host 0.0.0.0 --tls-cert ... --tls-key ...`")
    ports = [DEFAULT_PORT]
    if project:
        ports = [project.server.port or DEFAULT_PORT, *([project.server.grpc] if project.server.grpc else [])]
    return Plan(
        architecture=said["arch"] or _this_one(),
        settings=settings,
        ports=tuple(ports),
        labels=labels_of(said["label"]),
        cross=said["cc"],
        created=created_of(os.environ.get("SOURCE_DATE_EPOCH", "0")),
    )


def _this_one() -> str:
    machine = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def _tell(built: Built, place: str, sent: int) -> None:
    base = sum(one.size for one in built.base.layers)
    fact("base", f"{built.base.descriptor.digest[:_SHORT]}  {size_text(base)}, Python at {built.running.entrypoint[0]}")
    for one in built.layers:
        size, unpacked = size_text(one.descriptor.size), size_text(one.unpacked)
        fact(one.name, f"{one.descriptor.digest[:_SHORT]}  {size}, {unpacked} unpacked{', new' if one.fresh else ''}")
        for note in one.notes:
            say(note)
    image = built.base.image
    fact("image", f"{place}  {image.os}/{image.architecture}, {size_text(built.size)}, {size_text(sent)} written")
    fact("digest", built.descriptor.digest)


def _plain(built: Built, place: str, sent: int) -> dict[str, object]:
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
    about = {"digest": digest, "place": place, "arch": architecture, "size": size, "sent": sent}
    return {**about, "base": base, "layers": layers}
