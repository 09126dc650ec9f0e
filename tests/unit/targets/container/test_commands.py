"""Words for engines: what both are told, and where they differ."""

from dataclasses import replace
from itertools import pairwise

import pytest

from trimtab.core.deployment import Deployment, Resources, Secret
from trimtab.targets.container import commands
from trimtab.targets.container.wants import Known, Layout, revision_of, router_of

WANTED = Deployment(
    "churn", "prod", f"sha256:{'a' * 64}", port=8100, resources=Resources(0.5, 2**29),
    secrets=(Secret("T", "env:PROD_T"),)
)  # fmt: skip
LAYOUT = Layout(folder="/kept")
REVISION = revision_of(WANTED, WANTED.bundle, LAYOUT, Known("f" * 64))


def pairs(words):
    return set(pairwise(words))


@pytest.mark.parametrize("dialect", ["podman", "docker"])
def test_a_container_may_do_nothing_that_it_need_not(dialect):
    for service in (REVISION, router_of(WANTED, LAYOUT, "f" * 64)):
        words = commands.run(service, dialect, {"T": "kept"})
        assert "--read-only" in words
        assert pairs(words) >= {
            ("--user", "10001:10001"), ("--cap-drop", "all"), ("--security-opt", "no-new-privileges"),
            ("--pids-limit", "512"),
            ("--restart", "unless-stopped"), ("--pull", "never"),
        }  # fmt: skip
        scratch = [after for flag, after in pairs(words) if flag == "--tmpfs"]
        assert [one.partition(":")[2] for one in scratch] == ["rw,noexec,nosuid,nodev,mode=1777,size=67108864"]
        assert any(one.startswith("max-size=") for one in words)
        assert "--privileged" not in words


def test_limits_are_those_of_the_deployment_and_no_swap_beside_them():
    words = commands.run(REVISION, "podman", {"T": "kept"})
    assert pairs(words) >= {("--memory", "536870912b"), ("--memory-swap", "536870912b"), ("--cpus", "0.5")}
    free = revision_of(replace(WANTED, resources=Resources()), WANTED.bundle, LAYOUT)
    assert not {"--memory", "--cpus"} & set(commands.run(free, "podman", {"T": "kept"}))


def test_a_revision_is_published_on_the_loopback_address_alone():
    words = commands.run(REVISION, "podman", {"T": "kept"})
    (published,) = (after for flag, after in pairs(words) if flag == "--publish")
    assert published.startswith("127.0.0.1:")
    assert published.endswith(":8080")
    host = revision_of(WANTED, WANTED.bundle, replace(LAYOUT, network="host"))
    words = commands.run(host, "podman", {"T": "kept"})
    assert "--publish" not in words
    assert pairs(words) >= {("--network", "host"), ("--host", "127.0.0.1")}
    assert "--insecure" not in words


def test_secrets_are_podmans_own_and_files_for_docker():
    podman, docker = (commands.run(REVISION, one, {"T": "/kept/x/T"}) for one in ("podman", "docker"))
    assert "/kept/x/T,type=mount,target=/etc/trimtab-secrets/T,uid=10001,gid=10001,mode=0400" in podman
    assert "type=bind,source=/kept/x/T,target=/etc/trimtab-secrets/T,readonly" in docker
    assert "--secret" not in docker
    assert "--read-only-tmpfs=false" not in docker


def test_the_image_comes_after_every_flag_and_before_every_word_of_its_own():
    words = commands.run(router_of(WANTED, LAYOUT, "f" * 64), "docker", {})
    at = words.index("f" * 64)
    assert words[at + 1 :] == ("-m", "trimtab", "route", "/etc/trimtab/routes.toml")
    assert ("--entrypoint", "python") in pairs(words[:at])


def test_only_containers_with_all_labels_are_listed():
    assert commands.listing({"b": "2", "a": "1"}) == (
        "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=a=1", "--filter", "label=b=2",
    )  # fmt: skip
