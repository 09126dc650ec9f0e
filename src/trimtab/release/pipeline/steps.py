"""A pipeline in words that both services understand; `github.py` and `azure.py` say it in theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from trimtab.release.pipeline.bindings import Binding

__all__ = ["Fetch", "Job", "Keep", "Pipeline", "Run", "Step", "Var", "When"]

# always; where bundles are packaged; there and for a pull request; where one is taken that was packaged before
When: TypeAlias = Literal["always", "packing", "looking", "taking"]


@dataclass(frozen=True, slots=True)
class Var:
    """A variable of one step's environment: the one way by which a value comes near a script.

    kind: `text` as it stands; `secret` of that name; `digest`, of the bundle; `commit`, that runs; `actor` and `token`,
    who the service itself says we are; `key`, the signing key, as `--key` takes it.
    """

    name: str
    kind: Literal["text", "secret", "digest", "commit", "actor", "token", "key"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One command. id: where it hands on outputs. cloud: whether it needs to be logged in to Azure."""

    title: str
    script: str
    env: tuple[Var, ...] = ()
    id: str = ""
    when: When = "always"
    cloud: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """A file, from the project's folder, is kept for the later jobs."""

    file: str
    when: When = "packing"


@dataclass(frozen=True, slots=True)
class Fetch:
    """The file that was kept comes back."""

    file: str


Step: TypeAlias = Run | Keep | Fetch


@dataclass(frozen=True, slots=True)
class Job:
    """One job, a stage of its own.

    environment: whose approvals it waits for; empty for the first job. needs: jobs before it. bound: for which refs it
    runs; none: for all that start the pipeline. alone: the jobs before it run for the same refs, so that it need not
    go on where one of them was passed over. writes: it pushes to the repository. registry: what it does there with
    the service's own rights. connection: Azure service connection; cloud: it logs in to Azure. keeps: files that git
    does not know stay where they are, as endpoints that run on the machine have their folders among them.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    runner: str
    minutes: int
    environment: str = ""
    needs: tuple[str, ...] = ()
    bound: tuple[Binding, ...] = ()
    same_refs: bool = True
    writes: bool = False
    registry: Literal["", "read", "write"] = ""
    connection: str = ""
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All of it. refs: what starts it. packs: those of them whose bundle is packaged here, and not taken.

    looks: branches whose pull requests are packaged and checked too; none on a machine that stays, since what is asked
    for there is code of strangers. hands: ids of the steps of the first job that hand on the digest.
    """

    name: str
    python: str
    folder: str
    refs: tuple[Binding, ...]
    packs: tuple[Binding, ...]
    looks: tuple[Binding, ...]
    jobs: tuple[Job, ...]
    hands: tuple[str, ...]
