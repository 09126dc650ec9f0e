"""`trimtab pull`: a bundle out of a registry into the store, verified, trusted and only then kept."""

from __future__ import annotations

import os
import time
from pathlib import Path

import rich_click as click

from trimtab.cli.handing import hand_on, hand_on_option, must_hand_on
from trimtab.cli.options import json_option, plain_http_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json, say, size_text
from trimtab.cli.trusting import trust_of

__all__ = ["command"]


@click.command("pull")
@click.argument("source", metavar="REGISTRY/REPO[:TAG|@sha256:...]")
@click.option("--tag", "tags", multiple=True, metavar="ALIAS", help="Point this alias at it, such as `latest`.")
@plain_http_option
@hand_on_option
@store_option
@json_option
def command(
    source: str,
    tags: tuple[str, ...],
    store_folder: Path | None,
    *,
    plain_http: bool,
    hand_on_digest: bool,
    as_json: bool,
) -> None:
    """Pull a bundle with what is said of it from a registry into the store.

    A digest is the bundle's own, or that of its manifest in the registry. Every byte is verified before any of it is
    parsed, and nothing of it is run. Without --tag no name is moved: the bundle is reached by its digest.
    """
    from trimtab.bundle.manifest import NAME
    from trimtab.bundle.oci.opening import Terms, open_registry
    from trimtab.bundle.oci.pulling import pull
    from trimtab.bundle.oci.remote.reference import parse_remote

    if hand_on_digest:
        must_hand_on(os.environ)
    if odd := [tag for tag in tags if not NAME.fullmatch(tag)]:
        raise click.BadParameter(f"`{odd[0]}` is not {NAME.pattern}", param_hint="--tag")
    remote = parse_remote(source)
    store = store_at(store_folder)
    trust = trust_of(store, project_here())
    pulled = pull(open_registry(remote, Terms(os.environ, plain_http)), remote, store, trust, say, time.time())
    bundle = pulled.bundle
    for tag in tags:
        store.tag(bundle.name, tag, bundle.digest)
    if hand_on_digest:
        hand_on(bundle.digest, os.environ)
    if as_json:
        out_json(
            {
                "name": bundle.name, "digest": bundle.digest, "folder": str(bundle.folder),
                "manifest": pulled.root.digest, "evidence": pulled.evidence, "tags": list(tags),
                "bytes_fetched": pulled.fetched, "bytes_spared": pulled.spared,
            }
        )  # fmt: skip
        return
    fact("bundle", f"{bundle.name}@{bundle.digest}")
    fact("manifest", f"{remote.registry}/{remote.repository}@{pulled.root.digest}")
    fact("fetched", f"{pulled.fetched} bytes ({size_text(pulled.fetched)})")
    fact("spared", f"{pulled.spared} bytes that were here")
    fact("evidence", f"{pulled.evidence} documents")
    for tag in tags:
        fact("tagged", f"{bundle.name}:{tag}")
