"""What trimtab.toml says, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from trimtab.project.check import CheckPart
from trimtab.project.release import ReleasePart
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.pipeline.wishes import Wishes
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.journal.settings import JournalSettings

__all__ = ["ModelPart", "Project", "ServerPart", "ServingFile", "TrustPart"]


@dataclass(frozen=True, slots=True)
class ModelPart:
    """`[model]`: what is packaged, and how it is proved.

    path: a file, a folder, or the text "module:attr"; every path is absolute. golden: the sample file.
    """

    path: Path | str
    prepare: str = ""
    flavour: str = ""
    method: str = ""
    golden: Path | None = None
    include: tuple[str, ...] = ()
    rows: int = 20
    rtol: float = 1e-6
    atol: float = 1e-9
    lock: str = "requirements"
    metrics: Mapping[str, float] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    container: str = ""
    compile: bool = True


@dataclass(frozen=True, slots=True)
class ServerPart:
    """`[server]`: where it listens and what it puts up with; body and memory in bytes, durations in seconds.

    port: None when the file does not name one, since the environment comes before the default. processes and threads 0,
    workers None: left to the server. memory 0: no limit. grpc and admin None: neither.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    grpc: int | None = None
    admin: int | None = None
    body: int = 64 * 2**20
    rows: int = 100_000
    timeout: float = 30.0
    idle: float = 75.0
    engine: Literal["auto", "inline", "workers"] = "auto"
    processes: int = 0
    workers: int | None = None
    threads: int = 0
    batch: float = 0.05
    drain: float = 0.0
    memory: int = 0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    admin_host: str = "127.0.0.1"
    access_log: bool = False
    guard: GuardSettings = field(default_factory=GuardSettings)
    journal: JournalSettings | None = None


@dataclass(frozen=True, slots=True)
class ServingFile:
    """What `trimtab serve --settings` reads. variables: of the environment; secrets: the same, by reference.

    digest: of the file's text, `sha256:<hex>`.
    """

    server: ServerPart = field(default_factory=ServerPart)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class TrustPart:
    """`[trust]`: whose signatures count, how many are wanted, what is taken without; paths are absolute.

    unsigned None: as `takes_unsigned` says.
    """

    keys: tuple[Path, ...] = ()
    authorities: tuple[Path, ...] = ()
    subjects: tuple[str, ...] = ()
    at_least: int = 1
    unsigned: bool | None = None
    allow_code: bool = False

    @property
    def takes_unsigned(self) -> bool:
        """Whether a bundle may be unsigned; where somebody is named, only if the file says so."""
        return not (self.keys or self.authorities) if self.unsigned is None else self.unsigned


@dataclass(frozen=True, slots=True)
class Project:
    """One project file; inputs and outputs hold what `[signature]` says of each column, as plain values.

    log: what it says may be kept of each, by name. trust None: the file has no `[trust]`. environments: in the
    order of promotion. environment_trust: whose signatures count in each, as in
    `[trust]` where it says nothing of its own. flight: how a challenger is flown, and its limits.
    release: where releases are recorded. limits: all of `[limits]`. check: what a bundle is checked for.
    """

    file: Path
    name: str
    model: ModelPart
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    log: Mapping[str, str] = field(default_factory=dict)
    server: ServerPart = field(default_factory=ServerPart)
    trust: TrustPart | None = None
    environments: Mapping[str, Environment] = field(default_factory=dict)
    environment_trust: Mapping[str, TrustPart | None] = field(default_factory=dict)
    flight: Plan = field(default_factory=Plan)
    pipeline: Wishes = field(default_factory=Wishes)
    release: ReleasePart = field(default_factory=ReleasePart)
    limits: tuple[Limit, ...] = ()
    check: CheckPart = field(default_factory=CheckPart)

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent
