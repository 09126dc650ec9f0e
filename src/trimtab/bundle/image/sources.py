"""Where a base comes from, by what was typed: an OCI layout or archive of this machine, or a registry."""

from __future__ import annotations

from pathlib import Path

from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.blobs import Source
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.opening import Terms, open_registry
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.core.errors import Problem, UserError

__all__ = ["source_of"]


def source_of(reference: str, terms: Terms) -> tuple[Source, str, str]:
    """The source, what to ask it for, and the base's name for others (empty: only this machine knows it).

    A folder or a file that is there goes first, with a tag behind a colon or without. Raises UserError P273 where
    there is nothing of that name, P237 for what is no name in a registry.
    """
    typed = reference.removeprefix("oci:").removeprefix("oci-archive:")
    folder, _, tag = typed.rpartition(":")
    for path, wanted in ((Path(typed), ""), (Path(folder), tag)):
        if str(path) != "." and path.is_dir():
            return Layout(path), wanted, ""
        if path.is_file():
            return Archive(path), wanted, ""
    host = typed.partition("/")[0]
    if "/" in typed and not typed.startswith((".", "/")) and ("." in host or ":" in host or host == "localhost"):
        remote = parse_remote(typed)
        return open_registry(remote, terms), remote.digest or remote.tag or "latest", str(remote)
    hint = "an OCI layout or archive of this machine, or `REGISTRY/REPO:TAG`, with the registry's host"
    raise UserError(Problem("P273", f"there is no base `{reference}`", "--base", hint))
