"""Rules of a gate about where a bundle comes from: its branch or tag, its commit, the environment before, flights."""

from __future__ import annotations

from collections.abc import Iterator

from trimtab.release.promotion.look import Look, release_hint
from trimtab.release.promotion.values import Finding
from trimtab.release.refs import bound, short_name

__all__ = ["as_committed", "came_through", "clean", "not_refused", "same_commit", "source_bound"]

_SHOWN = 12  # digits of a commit


def source_bound(look: Look) -> Iterator[Finding]:
    """What is released is of the branch or tag that the environment follows."""
    wanted, ref = look.environment, look.candidate.source.ref
    for kind, pattern in (("branch", wanted.branch), ("tag", wanted.tag)):
        if not pattern:
            continue
        hint = f"`git switch {pattern}`" if kind == "branch" else f"`git tag {pattern.replace('*', '1')}`, and push it"
        if not ref:
            yield Finding(kind, "UNKNOWN", f"a {kind} `{pattern}` is released here, and this is on none", hint)
        elif bound(ref, **{kind: pattern}):
            yield Finding(kind, "PASS", f"`{short_name(ref)}` is `{pattern}`")
        else:
            yield Finding(kind, "FAIL", f"a {kind} `{pattern}` is released here, and this is `{ref}`", hint)


def same_commit(look: Look) -> Iterator[Finding]:
    """The bundle was packaged from the very commit that the branch or tag names."""
    if not _is_bound(look):
        return
    bundle, source = look.candidate.commit, look.candidate.source.commit
    if not bundle:
        yield Finding("commit", "UNKNOWN", "the bundle does not say which commit it was packaged from", _PACKAGE)
    elif not source:
        yield Finding("commit", "UNKNOWN", "git does not say which commit this is", "go to the project's repository")
    elif bundle != source:
        what = f"the bundle is of commit {bundle[:_SHOWN]}, and {look.candidate.source.ref} is {source[:_SHOWN]}"
        hint = f"{_PACKAGE}, or release {bundle[:_SHOWN]} by a branch or tag of its own"
        yield Finding("commit", "FAIL", what, hint)
    else:
        yield Finding("commit", "PASS", source[:_SHOWN])


def clean(look: Look) -> Iterator[Finding]:
    """Neither the bundle nor what is said of it here has changes that no commit holds."""
    if not _is_bound(look):
        return
    candidate = look.candidate
    if candidate.dirty:
        yield Finding("clean", "FAIL", "the bundle was packaged from files that no commit holds", _PACKAGE)
    elif candidate.source.dirty:
        yield Finding("clean", "FAIL", "files here differ from the commit", "`git status`, then commit or restore them")
    else:
        yield Finding("clean", "PASS", "every file is the commit's")


def as_committed(look: Look) -> Iterator[Finding]:
    """What the gate asks for is what everybody can read: nobody takes it away for themselves."""
    if edited := look.candidate.source.edited:
        what = f"the gate is what was committed, and {', '.join(f'`{name}`' for name in edited)} differs"
        yield Finding("gate", "FAIL", what, "`git status`, then commit or restore it")


def came_through(look: Look) -> Iterator[Finding]:
    """The same digest is live in the environment before."""
    after = look.environment.after
    if not after:
        return
    if look.candidate.digest in look.standing.before:
        yield Finding("after", "PASS", f"it is live in `{after}`")
    else:
        yield Finding("after", "FAIL", f"it is not live in `{after}`", release_hint(look, after))


def not_refused(look: Look) -> Iterator[Finding]:
    """No flight here has sent this digest back before."""
    for digest, reason in look.standing.refused:
        if digest == look.candidate.digest:
            hint = "mend it and package another, or say why it must be: `--emergency REASON`"
            yield Finding("flight here", "FAIL", f"a flight here sent it back: {reason}", hint)


_PACKAGE = "`trimtab package` on that commit"


def _is_bound(look: Look) -> bool:
    return bool(look.environment.branch or look.environment.tag)
