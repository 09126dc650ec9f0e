"""What GitHub Actions and Azure Pipelines say of the commit that they have checked out, which no branch has there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Told", "told_by"]


@dataclass(frozen=True, slots=True)
class Told:
    """What the pipeline was started for. ref: full name, as `refs/tags/v1`. by: who or what started it."""

    commit: str = ""
    ref: str = ""
    pull_request: str = ""
    by: str = ""


def told_by(environ: Mapping[str, str]) -> Told:
    """What the variables of either say; nothing outside of them."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("TF_BUILD", "").lower() == "true":
        return _azure(environ)
    return Told()


def _github(environ: Mapping[str, str]) -> Told:
    ref, place = environ.get("GITHUB_REF", ""), environ.get("GITHUB_REPOSITORY", "")
    number = _number(ref)
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    address = f"{server}/{place}/pull/{number}" if number and place else ""
    return Told(environ.get("GITHUB_SHA", ""), ref, address, environ.get("GITHUB_ACTOR", ""))


def _azure(environ: Mapping[str, str]) -> Told:
    ref, place = environ.get("BUILD_SOURCEBRANCH", ""), environ.get("BUILD_REPOSITORY_URI", "")
    place = re.sub(r"://[^/@]*@", "://", place).removesuffix(".git")
    address = ""
    if github := environ.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", ""):  # only where the repository is at GitHub
        address = f"{place}/pull/{github}" if place else ""
    elif number := environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID", "") or _number(ref):
        address = f"{place}/pullrequest/{number}" if place else ""
    by = environ.get("BUILD_REQUESTEDFOREMAIL", "") or environ.get("BUILD_REQUESTEDFOR", "")
    return Told(environ.get("BUILD_SOURCEVERSION", ""), ref, address, by)


def _number(ref: str) -> str:
    found = re.fullmatch(r"refs/pull/(\d+)/\w+", ref)
    return found[1] if found else ""
