"""What it costs a request that its caller is known: by nothing, a key, a token, a client certificate; and has a share.

    python benchmarks/auth.py    about two minutes

One server each, of one process, on the smallest model; loaded in turns by our own generator over connections that are
kept, since wrk shows no certificate. Only the server's CPU is counted. The issuer of the tokens is the tests' own, over
TLS. Runs in the development environment, which has the packages for all of it. Writes benchmarks/results/auth.md.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from contenders import LIBRARIES, MODELS, TRIMTAB, bundle_of, ours
from environments import ROOT, WORK, publish, versions
from limits import until_open
from load import own_load
from measure import Others, machine, spread, table
from processes import Server, cpu_s, free_port, running
from serving import settled
from workloads import WORKLOADS, Body, requests_of, write_pool

sys.path.insert(0, str(ROOT))
from tests.doubles.certificates import Authority
from tests.doubles.oidc import Provider

CONNECTIONS = 8
PROJECT = 'name = "m"\n[model]\npath = "none:here"\n[server]\nprocesses = 1\nthreads = 1\n'
TLS = 'tls_cert = "server.crt"\ntls_key = "server.key"\n'
SHARES = '[server.limits]\nrequests = "1000000/second; 1000000000/day"\nrows = "1000000000/day"\nconcurrent = 1000\n'


@dataclass(frozen=True, slots=True)
class Case:
    """A server's project file, and what its callers show."""

    name: str
    project: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Up:
    """One that runs."""

    case: Case
    url: str
    server: Server
    pool: Path


def key_in(folder: Path) -> str:
    """An API key; the file of keys lies in the folder then."""
    words = ["-m", "trimtab", "key", "add", "bench", "--scope", "infer", "--keys", "keys.json"]
    return subprocess.run(
        [sys.executable, *words], cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout.strip()


def cases(folder: Path, provider: Provider) -> list[Case]:
    """From nothing to everything; what they read lies in the folder."""
    authority = Authority("bench")
    authority.write(folder)
    authority.issues("server", "server").write(folder, "server")
    chain = authority.issues("caller", "client", dns="caller.example").write(folder, "caller")
    plain, shown = (ssl.create_default_context(cafile=str(folder / "bench.pem")) for _ in range(2))
    shown.load_cert_chain(*chain)
    key, token = ({"authorization": f"Bearer {one}"} for one in (key_in(folder), provider.main.token()))
    keys = '[server.auth]\nkeys = "keys.json"\n'
    tokens = (
        f'[server.auth.tokens.idp]\nissuer = "{provider.main.issuer}"\naudiences = ["churn"]\n'
        f'authorities = "{provider.authorities}"\nscopes = ["infer"]\n'
    )
    certificates = '[server.auth.certificates]\nauthorities = ["bench.pem"]\nscopes = ["infer"]\n'
    return [
        Case("nobody is asked", PROJECT),
        Case("API key", PROJECT + keys, key),
        Case("API key, and shares", PROJECT + keys + SHARES, key),
        Case("token (RS256)", PROJECT + tokens, token),
        Case("TLS, nobody is asked", PROJECT + TLS, {}, plain),
        Case("TLS and a client certificate", PROJECT + TLS + certificates, {}, shown),
    ]


def pool_for(case: Case, number: int, bodies: list[Body]) -> Path:
    """The bodies of the load, under the case's head."""
    path = WORK / "pools" / f"auth-{number}"
    path.parent.mkdir(exist_ok=True)
    write_pool(path, [Body({**body.headers, **case.headers}, body.data) for body in bodies])
    return path


def started(stack: ExitStack, folder: Path, case: Case, number: int, bodies: list[Body]) -> Up:
    """The case's server, once it listens."""
    here = folder / f"case-{number}"
    here.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (here / path.name).write_bytes(path.read_bytes())
            (here / path.name).chmod(0o600)
    (here / "trimtab.toml").write_text(case.project)
    bundle, port = bundle_of("linear"), free_port()
    command = [sys.executable, "-m", "trimtab", "serve", str(bundle), "--store", str(bundle.parents[2])]
    server = stack.enter_context(running([*command, "--port", str(port)], here, {"OMP_NUM_THREADS": "1"}))
    try:
        until_open(port)
    except TimeoutError as error:
        raise TimeoutError(f"{case.name}: {server.said[-1500:]}") from error
    scheme = "http" if case.tls is None else "https"
    return Up(case, f"{scheme}://127.0.0.1:{port}{TRIMTAB.path}", server, pool_for(case, number, bodies))


def turn(up: Up, seconds: float) -> float:
    """Microseconds of the server's CPU a request."""
    pid = up.server.child.pid
    before = cpu_s(pid)
    seen = asyncio.run(own_load(up.url, up.pool, CONNECTIONS, seconds, up.case.tls))
    assert not seen.failed, f"{up.case.name}: {seen.failed} of {seen.requests} failed: {up.server.said[-1500:]}"
    return (settled(pid) - before) / seen.requests * 1e6


PAGE = """# What it costs to know the caller

Microseconds of the server's CPU a request, median (lowest-highest) of {turns} turns, all servers in turns; and what
that is more than where nobody is asked, turn by turn. One serving process, one-row requests of the linear model (W1),
{connections} connections that are kept.

{rows}

A head that was seen before is not looked at again, so a key or a token is checked once for each connection's head and
again when keys change. A client certificate is verified once a connection. Shares (two rates of requests, one of rows,
and how many at once) are counted for every request, in a table that processes share.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/auth.py`.
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    (workload,) = [one for one in WORKLOADS if one.name == "W1"]
    with ours(keep=args.keep) as python, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        provider = stack.enter_context(Provider(folder))
        bodies, _ = requests_of(workload, TRIMTAB.json, MODELS)
        ups = [started(stack, folder, case, at, bodies) for at, case in enumerate(cases(folder, provider))]
        others, seen = Others(), [[0.0] * 0 for _ in ups]
        for number in range(args.turns + 1):
            for found, up in zip(seen, ups, strict=True):
                spent = turn(up, 1.0)
                if number:
                    found.append(spent)
        rows = [
            [up.case.name, spread(found, 1), spread([a - b for a, b in zip(found, seen[0], strict=True)], 1)]
            for up, found in zip(ups, seen, strict=True)
        ]
        text = PAGE.format(
            turns=args.turns, connections=CONNECTIONS, rows=table(["caller is known by", "CPU us", "more"], rows),
            machine=machine(), others=others.cores([up.server.child.pid for up in ups]),
            versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )  # fmt: skip
    publish("auth.md", text)


if __name__ == "__main__":
    main()
