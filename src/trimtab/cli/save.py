"""`trimtab save`: a stored bundle and what is said of it, in one file that can be carried anywhere."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json, size_text

__all__ = ["command"]


@click.command("save")
@click.argument("bundle", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The archive to write."
)
@store_option
@json_option
def command(bundle: str | None, output: Path, store_folder: Path | None, *, as_json: bool) -> None:
    """Write a bundle, its signatures and attestations as one archive, for `trimtab load`.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder; without it, the latest of this folder's trimtab.toml.
    The archive is an OCI image layout in a tar file; the same bundle gives the same bytes.
    """
    store = store_at(store_folder)
    found = bundle_of(bundle, store, project_here())
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.oci.artifact import BundleSource
    from trimtab.bundle.oci.pack import Content, write_archive

    evidence = evidence_of(store.root, found.digest)
    source = BundleSource(found, evidence)
    roots = [Content(source, source.root, source.name), *(Content(source, one) for one in source.referrers)]
    written = write_archive(roots, output)
    if as_json:
        out_json(
            {
                "name": found.name, "digest": found.digest, "evidence": len(evidence), "file": str(output),
                "bytes": written.size, "file_digest": written.digest, "artifact": source.root.digest,
            }
        )  # fmt: skip
        return
    fact("bundle", f"{found.name}@{found.digest}")
    fact("evidence", f"{len(evidence)} documents")
    fact("wrote", f"{output}  {size_text(written.size)}, {written.digest}")
