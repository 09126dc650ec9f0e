"""The compose file, read by others: the published schema, and podman-compose."""

import importlib.util
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml

from trimtab.core.deployment import Deployment, Resources, Secret
from trimtab.targets.container import commands
from trimtab.targets.container.target import ContainerTarget, Settled
from trimtab.targets.container.wants import Layout, revision_of, router_of
from trimtab.targets.target import Means

ONE, TWO = (f"sha256:{letter * 64}" for letter in "ab")
WANTED = Deployment(
    "churn", "prod", ONE, challenger=TWO, port=8100, resources=Resources(0.5, 2**29), server={"rows": 9, "admin": 8093},
    variables={"PRICE": "$5 ${HOME} it's"}, secrets=(Secret("T", "env:PROD_T"), Secret("U", "file:/keys/u")),
)  # fmt: skip

# with nothing that it need not have, and all that it may be shown
LOCKED = replace(
    WANTED, challenger="", secrets=(), resources=Resources(),
    server={"auth": {"keys": "k"}, "log": {"secret": "s"}, "audit": "a", "tls_cert": "c", "tls_key": "t"},
)  # fmt: skip


def rendered(wanted, network="bridge"):
    means = Means(Path("/no/store"), Path("/no/folder"))
    return ContainerTarget(lambda: pytest.fail("asked"), Settled(network), means).render(wanted).files


def document(wanted, network="bridge"):
    return yaml.safe_load(rendered(wanted, network)["compose.yaml"])


@pytest.fixture(scope="module")
def schema():
    """The schema of the Compose Specification, as check-jsonschema carries it, or a folder of schemas."""
    found = importlib.util.find_spec("check_jsonschema")
    places = [Path(os.environ.get("TRIMTAB_SCHEMAS", "no"), "schemastore/compose-spec.json")]
    if found is not None and found.origin is not None:
        places.append(Path(found.origin).parent / "builtin_schemas/vendor/compose-spec.json")
    for place in places:
        if place.is_file():
            return json.loads(place.read_text())
    pytest.skip("needs the schema of the Compose Specification: check-jsonschema has it, or $TRIMTAB_SCHEMAS")


@pytest.mark.parametrize("network", ["bridge", "host"])
@pytest.mark.parametrize("wanted", [WANTED, LOCKED])
def test_it_is_as_the_specification_has_it(schema, wanted, network):
    jsonschema.validate(document(wanted, network), schema)
    broken = document(wanted, network)
    broken["services"]["champion"]["read_only"] = [1]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_no_secret_is_in_it_but_where_it_is_to_be_had():
    said = document(WANTED)
    assert sorted(said["secrets"].values(), key=str) == [{"environment": "PROD_T"}, {"file": "/keys/u"}] * 2 or sorted(
        map(str, said["secrets"].values())
    ) == sorted(map(str, [{"environment": "PROD_T"}, {"file": "/keys/u"}] * 2))
    for service in ("champion", "challenger"):
        targets = [one["target"] for one in said["services"][service]["secrets"]]
        assert targets == ["/etc/trimtab-secrets/T", "/etc/trimtab-secrets/U"]
    assert "secrets" not in said["services"]["router"]


def test_a_dollar_stays_one():
    """Compose fills in what stands behind one, unless it is doubled."""
    text = rendered(WANTED)["compose.yaml"]
    assert not re.findall(r"(?<!\$)\$(?!\$)", text)
    assert "$5 ${HOME}" in rendered(WANTED)[next(name for name in rendered(WANTED) if name.startswith("settings"))]


def test_the_router_starts_when_revisions_are_well():
    assert document(WANTED)["services"]["router"]["depends_on"] == {
        "champion": {"condition": "service_healthy"}, "challenger": {"condition": "service_healthy"},
    }  # fmt: skip


# an engine that has nothing and does nothing, but writes down each word that it is told
ENGINE = """#!/bin/sh
printf '%s\\0' "$@" >> "$0.said"
printf '\\n\\0' >> "$0.said"
case "$*" in
    *--version*) echo "podman version 4.3.1" ;;
    *json*) echo "[]" ;;
esac
"""
READER = Path(__file__).parents[4] / ".venv/clients/bin/podman-compose"
SHORT = {"-e": "--env", "-u": "--user", "-m": "--memory", "-p": "--publish"}
COMPARED = ("--env", "--user", "--memory", "--publish", "--label", "--tmpfs", "--cpus", "--pids-limit", "--restart")
COMPARED += ("--security-opt", "--cap-drop", "--read-only", "--network")


@pytest.mark.skipif(not READER.exists(), reason="needs podman-compose, of requirements/clients.txt")
def test_podman_compose_reads_of_it_what_we_tell_podman(tmp_path):
    """Flag by flag: a reader that is not ours gives the engine the same words."""
    wanted = replace(WANTED, secrets=())
    for name, text in rendered(wanted).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    engine = tmp_path / "podman"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    command = [str(READER), "--podman-path", str(engine), "up", "-d"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    said = [one.split("\0") for one in (tmp_path / "podman.said").read_text().split("\0\n\0")]
    created = [words for words in said if words[0] in ("create", "run")]
    layout = Layout()
    ours = [revision_of(wanted, one, layout) for one in (ONE, TWO)] + [router_of(wanted, layout)]
    assert len(created) == len(ours) == 3
    for service in ours:
        (read,) = (words for words in created if f"--name={service.name}" in words)
        told, at = commands.run(service, "podman", {}), read.index(service.image)
        wants = {one for one in spread(told[: told.index(service.image)]) if not one[1].startswith("/var/lib")}
        found = {one for one in spread(read[:at]) if not re.match(r"(io|com|PODMAN)[._]|/var/lib", one[1])}
        assert found == wants
        tail = [service.image, *service.words]
        assert read[-len(tail) :] == tail


def spread(words):
    """Flags that are compared, with their values, in one form."""
    found = set()
    for at, word in enumerate(words):
        flag, equals, value = word.partition("=")
        flag = SHORT.get(flag, flag)
        if flag not in COMPARED:
            continue
        value = value if equals else words[at + 1]
        if flag == "--read-only":
            value = ""
        if flag == "--network":
            value = value.partition(":alias")[0]
        found.add((flag, value.lower() if flag == "--cap-drop" else value))
    return found
