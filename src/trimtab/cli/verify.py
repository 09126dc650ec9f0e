"""`trimtab verify`: is it whole, who signed it, and would the policy let it run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.options import bundle_of, env_option, json_option, project_here, store_at, store_option
from trimtab.cli.show import fact, out_json
from trimtab.core.errors import Problem, RefusedError, UserError

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store
    from trimtab.bundle.trust.policy import Document, Findings
    from trimtab.project import Project

__all__ = ["command"]

_DAMAGE = frozenset({"P201", "P202", "P203", "P205", "P206", "P207", "P208", "P209", "P235"})


@click.command("verify")
@click.argument("bundle", required=False)
@env_option
@store_option
@json_option
def command(bundle: str | None, env: str, store_folder: Path | None, *, as_json: bool) -> None:
    """Say whether a bundle is whole, who signed it, and whether the trust policy lets it run; nothing of it is run.

    BUNDLE is as for `serve`. The policy comes from files: `[trust]` of trimtab.toml, `[env.NAME.trust]` with --env,
    and `trust.toml` in the store's folder. Exit status 1: something is not as it should be, and all of it is named.
    """
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.trust.door import find
    from trimtab.bundle.trust.origin import origin_of
    from trimtab.bundle.trust.policy import judge
    from trimtab.cli.trusting import policies_of

    project, store = project_here(), store_at(store_folder)
    policies = policies_of(store, project, env)
    found = _whole(bundle, store, project)
    evidence, origin = evidence_of(store.root, found.digest), origin_of(store.root, found.digest)
    problems: list[Problem] = []
    said: list[dict[str, Any]] = []
    if not as_json:
        fact("bundle", f"{found.name}@{found.digest}, {len(found.manifest.files)} files verified")
        fact("origin", {"packaged": "packaged by this store", "received": "received"}.get(origin, "unknown"))
    for policy in policies:
        findings = find(found, evidence, origin, policy, datetime.now(UTC))
        faults = judge(policy, findings)
        problems += faults
        said.append({"policy": policy.where, "documents": [_plain(one) for one in findings.documents]})
        if not as_json:
            _show(policy.where, findings, names_somebody=policy.names_somebody, count=len(evidence))
    if problems:
        raise RefusedError(*dict.fromkeys(problems))
    if as_json:
        out_json({"name": found.name, "digest": found.digest, "origin": origin, "policies": said, "runs": True})
    else:
        fact("runs", "every policy lets it")


def _whole(reference: str | None, store: Store, project: Project | None) -> Bundle:
    """The bundle; what is damaged is a no of this verb, not a fault of the command line."""
    try:
        return bundle_of(reference, store, project)
    except UserError as error:
        if all(problem.code in _DAMAGE for problem in error.problems):
            raise RefusedError(*error.problems) from None
        raise


def _plain(document: Document) -> dict[str, Any]:
    signer = document.signer
    who = {"name": signer.name, "key": signer.key, "issuers": list(signer.issuers)} if signer else None
    return {"kind": document.kind, "says": document.says, "signer": who, "fault": document.fault}


def _show(where: str, findings: Findings, *, names_somebody: bool, count: int) -> None:
    fact("policy", where or "none is written")
    if not names_somebody:
        fact("signed", f"not looked at: the policy names nobody, {count} documents" if count else "no")
    from trimtab.release.evidence.statements import kind_in

    for one in findings.documents:
        of = f"{kind}, " if (kind := kind_in(one.says)) else ""
        fact(one.kind, f"{of}by {one.signer}" if one.signer else f"{of}does not count: {one.fault}")
    if names_somebody and not findings.documents:
        fact("signed", "no")
    fact("code", f"{len(findings.code)} parts" if findings.code else "none")
