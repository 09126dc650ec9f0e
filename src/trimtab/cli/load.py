"""`trimtab load`: a bundle from an archive or a folder into the store, verified, trusted and only then kept."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from trimtab.cli.options import env_option, json_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json, size_text
from trimtab.cli.trusting import images_of, trust_of

__all__ = ["command"]


@click.command("load")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--tag", "tags", multiple=True, metavar="ALIAS", help="Point this alias at it, such as `latest`.")
@click.option("--digest", default="", metavar="SHA256:...", help="Take the bundle only if it has this digest.")
@env_option
@store_option
@json_option
def command(  # one parameter an option is how click hands them over
    path: Path, tags: tuple[str, ...], digest: str, env: str, store_folder: Path | None, *, as_json: bool
) -> None:
    """Take a bundle into the store: of an archive that `trimtab save` wrote, of an OCI layout, or of a bundle's folder.

    Every byte is verified before any of it is parsed, and nothing of it is run. Without --tag no name is moved: the
    bundle is reached by its digest. An image in the same file is verified too, and stays there for podman or skopeo.
    """
    from trimtab.bundle.manifest import NAME
    from trimtab.bundle.oci.carried import take
    from trimtab.bundle.reference import DIGEST

    if digest and not DIGEST.fullmatch(digest):
        raise click.BadParameter(f"`{digest}` is not `sha256:` and 64 digits", param_hint="--digest")
    if odd := [tag for tag in tags if not NAME.fullmatch(tag)]:
        raise click.BadParameter(f"`{odd[0]}` is not {NAME.pattern}", param_hint="--tag")
    store = store_at(store_folder)
    project, images = project_here(), dict[str, str]()
    judge = images_of(store, project, env, images.__setitem__)
    bundle, evidence = take(path, store, trust_of(store, project, env), digest, judge)
    for tag in tags:
        store.tag(bundle.name, tag, bundle.digest)
    size = sum(file.size for file in bundle.manifest.files.values())
    if as_json:
        out_json(
            {
                "name": bundle.name, "digest": bundle.digest, "folder": str(bundle.folder), "bytes": size,
                "files": len(bundle.manifest.files), "evidence": len(evidence), "tags": list(tags),
                "images": [{"digest": digest, "signed": by} for digest, by in images.items()],
            }
        )  # fmt: skip
        return
    fact("bundle", f"{bundle.name}@{bundle.digest}")
    fact("evidence", f"{len(evidence)} documents")
    fact("loaded", f"{len(bundle.manifest.files)} files, {size_text(size)}")
    for image, by in images.items():
        fact("image", f"{image}, {f'signed by {by}' if by else 'not signed by anybody whom a policy names'}")
    for tag in tags:
        fact("tagged", f"{bundle.name}:{tag}")
