"""The clients of others, unchanged and in an environment of their own, against a real server."""

import json
import subprocess
import sys

import pytest

from trimtab.server.grpc.proto import load


def facts(descriptor):
    """Name, number and type of every field of a message and of those inside it."""
    found = {}
    for field in descriptor.fields:
        found[f"{descriptor.full_name}.{field.name}"] = [field.number, field.type, field.is_repeated]
        if field.message_type is not None:
            found |= facts(field.message_type)
    return found


def test_the_control_plane_is_what_tritons_client_takes_for_a_repository(root, run_client):
    command = [sys.executable, str(root / "tests/doubles/repository.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip().removeprefix("http://")
        run_client("triton_admin", 3, {"TRIMTAB_ADMIN": address})
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize(("program", "least"), [("triton_http", 28), ("triton_grpc", 9), ("kserve_both", 7)])
def test_a_client_finds_nothing_to_complain_of(run_client, serve, program, least):
    served = serve(answer_timeout_s=20.0)
    rpcs = load("inference").rpcs.values()
    messages = {}
    for rpc in rpcs:
        messages |= facts(rpc.request.DESCRIPTOR) | facts(rpc.response.DESCRIPTOR)
    env = {"TRIMTAB_HTTP": served.http, "TRIMTAB_GRPC": served.grpc, "TRIMTAB_MESSAGES": json.dumps(messages)}
    run_client(program, least, env)


@pytest.mark.parametrize(
    "asked",
    [
        ("serve_wide.py", "23 selected / 23 total"),
        ("stories.py", "16 selected / 16 total"),
        ("stories.py", "1 selected / 16 total", "--include-path-regex", "/rows$", "-H", "accept: text/event-stream"),
    ],
)
def test_schemathesis_finds_no_difference_between_document_and_server(root, clients, serve, tmp_path, asked):
    double, selected, *options = asked
    served = serve(double)
    command = [str(clients / "schemathesis"), "--config-file", str(root / "tests/system/schemathesis.toml"), "run"]
    command += [f"http://{served.http}/openapi.json", "--checks", "all", "--max-examples", "5", "--seed", "1"]
    ran = subprocess.run(
        [*command, *options, "--no-color"], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=280
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr
    assert selected in ran.stdout
    assert served.process.poll() is None
