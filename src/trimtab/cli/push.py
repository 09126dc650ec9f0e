"""`trimtab push`: a bundle and what is said of it into a registry, of which only what is missing travels."""

from __future__ import annotations

import os
from pathlib import Path

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, plain_http_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json, size_text

__all__ = ["command"]


@click.command("push")
@click.argument("bundle")
@click.argument("destination", metavar="REGISTRY/REPO[:TAG]")
@click.option("--mount-from", "mounts", multiple=True, metavar="REPO", help="A repository there that may have blobs.")
@plain_http_option
@store_option
@json_option
def command(
    bundle: str,
    destination: str,
    mounts: tuple[str, ...],
    store_folder: Path | None,
    *,
    plain_http: bool,
    as_json: bool,
) -> None:
    """Push a bundle, its signatures and attestations to a registry.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder. It is tagged with the first twelve digits of its
    digest, and with TAG if there is one; a tag that names something else is never moved. Who we are is read from where
    `docker login` and `podman login` keep it.
    """
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.oci.opening import Terms, open_registry
    from trimtab.bundle.oci.pushing import push
    from trimtab.bundle.oci.remote.reference import parse_remote

    remote = parse_remote(destination)
    if remote.digest:
        raise click.BadParameter("a digest is not chosen: give a tag, or none", param_hint="REGISTRY/REPO[:TAG]")
    store = store_at(store_folder)
    found = bundle_of(bundle, store, project_here())
    registry = open_registry(remote, Terms(os.environ, plain_http, mounts))
    pushed = push(registry, found, evidence_of(store.root, found.digest), remote.tag)
    place = f"{remote.registry}/{remote.repository}"
    if as_json:
        out_json(
            {
                "name": found.name, "digest": found.digest, "manifest": pushed.root.digest, "repository": place,
                "tags": list(pushed.tags), "evidence": pushed.evidence, "bytes_sent": pushed.sent,
                "blobs_sent": pushed.blobs, "blobs_spared": pushed.spared,
            }
        )  # fmt: skip
        return
    fact("bundle", f"{found.name}@{found.digest}")
    fact("manifest", f"{place}@{pushed.root.digest}")
    fact("tagged", ", ".join(f"{place}:{tag}" for tag in pushed.tags))
    fact("sent", f"{pushed.sent} bytes ({size_text(pushed.sent)}) in {pushed.blobs} blobs")
    fact("spared", f"{pushed.spared} blobs that were there")
    fact("evidence", f"{pushed.evidence} documents")
