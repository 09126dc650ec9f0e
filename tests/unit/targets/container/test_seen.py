"""What engines say of containers: podman 4.3 and docker 28, as they print it."""

import json

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError
from trimtab.targets.container.engine import Done
from trimtab.targets.container.seen import altered, look, read
from trimtab.targets.container.wants import Known, Layout, revision_of

SERVICE = revision_of(
    Deployment("churn", "prod", f"sha256:{'a' * 64}"), f"sha256:{'a' * 64}", Layout(), Known("f" * 64)
)


def said(**host):
    return {
        "Id": "1", "Name": "/x", "Image": f"sha256:{'f' * 64}", "State": {"Status": "running", "ExitCode": 0},
        "Config": {"Labels": dict(SERVICE.labels), "User": "10001:10001"},
        "HostConfig": {
            "PidsLimit": 512, "RestartPolicy": {"Name": "unless-stopped"}, "ReadonlyRootfs": True,
            "SecurityOpt": ["no-new-privileges:true"], **host,
        },
    }  # fmt: skip


def test_what_is_as_it_should_be_is_not_altered():
    (seen,) = read(json.dumps([said()]))
    assert (seen.name, seen.image, seen.runs, seen.why) == ("x", "f" * 64, True, "")
    assert altered(seen, SERVICE) == ()


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ({"Memory": 5}, "`memory`"), ({"NanoCpus": 10**9}, "`cpu`"), ({"ReadonlyRootfs": False}, "`read_only`"),
        ({"SecurityOpt": None}, "`new_privileges`"), ({"CapAdd": ["CAP_SYS_ADMIN"]}, "`privileged`"),
        ({"Privileged": True}, "`privileged`"),
        ({"RestartPolicy": {"Name": "no"}}, "`restart`"), ({"PidsLimit": None}, "`pids`"),
    ],
)  # fmt: skip
def test_each_thing_that_is_otherwise_is_named(host, named):
    (seen,) = read(json.dumps([said(**host)]))
    (fault,) = altered(seen, SERVICE)
    assert named in fault


def test_what_was_killed_says_so():
    (seen,) = read(json.dumps([{**said(), "State": {"Status": "exited", "ExitCode": 137}}]))
    assert altered(seen, SERVICE) == ("`x` does not run: killed, perhaps for its memory",)


@pytest.mark.parametrize("text", ["", "[{}]", '{"a": 1}', '[{"Id": "1", "State": null}]', "[1]"])
def test_what_is_no_such_answer_is_the_engines_fault(text):
    with pytest.raises(OutsideError, match="P502"):
        read(text)


def test_one_that_goes_between_two_questions_is_no_fault():
    answers = iter(
        [
            Done(0, "1\n2\n"),
            Done(125, "[]", "Error: no such container 2"),
            Done(0, "1\n"),
            Done(0, json.dumps([said()])),
        ]
    )
    (seen,) = look(lambda *_: next(answers), "churn", "prod")
    assert seen.id == "1"
