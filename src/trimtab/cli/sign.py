"""`trimtab sign`: says of a bundle, with a key, that it is this one and where it came from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_PASSWORD = "TRIMTAB_KEY_PASSWORD"  # noqa: S105  # the variable's name


@click.command("sign")
@click.argument("bundle", required=False)
@click.option("--key", required=True, type=_FILE, metavar="FILE", help="Private key, PEM: P-256, P-384 or P-521.")
@click.option("--certificate", type=_FILE, default=None, metavar="FILE", help="The key's certificate, PEM.")
@click.option("--chain", type=_FILE, multiple=True, metavar="FILE", help="Certificates between it and its authority.")
@store_option
@json_option
def command(
    bundle: str | None,
    key: Path,
    certificate: Path | None,
    chain: tuple[Path, ...],
    store_folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Sign a bundle as OpenSSF model signing does, and attest how it was made; offline.

    Both documents are kept in the store beside the bundle, and travel with it. A key's password is read from
    $TRIMTAB_KEY_PASSWORD, or asked for at a terminal. Signing again with the same key changes nothing.
    """
    from trimtab.bundle.evidence import keep_evidence
    from trimtab.bundle.trust.keys import pem_file
    from trimtab.bundle.trust.signing import Credentials, sign_bundle
    from trimtab.cli.trusting import brought_in

    store = store_at(store_folder)
    secret = pem_file(key)
    password = os.environ.get(_PASSWORD, "")
    if not password and b"ENCRYPTED" in secret.pem and sys.stdin.isatty():
        password = click.prompt(f"password of {key.name}", hide_input=True, err=True)
    by = Credentials(
        secret, password, pem_file(certificate) if certificate else None, tuple(pem_file(one) for one in chain)
    )
    found = bundle_of(bundle, store, project_here())
    documents, fingerprint, subject = sign_bundle(found, by)
    found = brought_in(found, store, lambda _bundle, _evidence: None)
    keep_evidence(store.root, found.digest, documents)
    if as_json:
        signed = {"name": found.name, "digest": found.digest, "key": fingerprint, "subject": subject}
        out_json(signed | {"documents": ["signature", "provenance"]})
        return
    fact("signed", f"{found.name}@{found.digest}, {len(found.manifest.files) + 1} files")
    fact("by", f"{subject}, key {fingerprint}" if subject else f"key {fingerprint}")
    fact("kept", "signature and provenance, beside the bundle in the store")
