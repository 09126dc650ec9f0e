"""`trimtab sign`: says of a bundle, with a key, that it is this one and where it came from."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from trimtab.cli.keys import credentials_of, key_options
from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json

__all__ = ["command"]


@click.command("sign")
@click.argument("bundle", required=False)
@key_options(required=True)
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
    from trimtab.bundle.trust.signing import sign_bundle
    from trimtab.cli.trusting import brought_in

    store = store_at(store_folder)
    by = credentials_of(key, certificate, chain)
    found = bundle_of(bundle, store, project_here())
    made = sign_bundle(found, by)
    found = brought_in(found, store, lambda _bundle, _evidence: None)
    keep_evidence(store.root, found.digest, made.documents)
    if as_json:
        signed = {"name": found.name, "digest": found.digest, "key": made.fingerprint, "subject": made.subject}
        out_json(signed | {"documents": ["signature", "provenance"]})
        return
    fact("signed", f"{found.name}@{found.digest}, {len(found.manifest.files) + 1} files")
    fact("by", f"{made.subject}, key {made.fingerprint}" if made.subject else f"key {made.fingerprint}")
    fact("kept", "signature and provenance, beside the bundle in the store")
