"""`trimtab inspect`: what a bundle is, read from JSON alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import rich_click as click

from trimtab.cli.options import bundle_of, env_option, json_option, project_here, store_at, store_option
from trimtab.cli.portrait import portrait
from trimtab.cli.show import fact, out_json

if TYPE_CHECKING:
    from trimtab.bundle.evidence import Evidence
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store
    from trimtab.project import Project

__all__ = ["command"]

Documents: TypeAlias = "tuple[Evidence, ...]"


@click.command("inspect")
@click.argument("bundle", required=False)
@env_option
@store_option
@json_option
def command(bundle: str | None, env: str, store_folder: Path | None, *, as_json: bool) -> None:
    """Show what a bundle is: signature, files, source, data, metrics, lock, evidence. Nothing of it is run or loaded.

    BUNDLE is as for `serve`, or an archive or OCI layout as for `load`. Every digest is checked first. Who signed is
    what the documents say themselves, unless a trust policy names them.
    """
    from trimtab.bundle.trust.door import seen
    from trimtab.bundle.trust.examine import printable
    from trimtab.bundle.trust.origin import record_of
    from trimtab.bundle.trust.summary import summary
    from trimtab.cli.trusting import policies_of

    project, store = project_here(), store_at(store_folder)
    with _found(bundle, store, project) as (found, evidence):
        documents = seen(found, evidence, policies_of(store, project, env), datetime.now(UTC))
        said = summary(found, record_of(store.root, found.digest), documents)
    if as_json:
        out_json(said)
        return
    for topic, text in portrait(said):
        fact(topic, printable(text))


@contextmanager
def _found(reference: str | None, store: Store, project: Project | None) -> Iterator[tuple[Bundle, Documents]]:
    """The bundle and what is said of it: in the store, in a folder, or in an archive, unpacked for the time."""
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.oci.artifact import unpack
    from trimtab.bundle.oci.carried import carried
    from trimtab.bundle.oci.entries import LAYOUT_FILE
    from trimtab.bundle.read import open_bundle

    path = Path(reference or "")
    if reference is None or not (path.is_file() or Path(path, LAYOUT_FILE).is_file()):
        found = bundle_of(reference, store, project)
        yield found, evidence_of(store.root, found.digest)
        return
    with carried(path) as brought, tempfile.TemporaryDirectory(prefix="trimtab-inspect-") as folder:
        unpack(brought.source, brought.root, Path(folder))
        yield open_bundle(Path(folder)), brought.evidence
