"""The image runs under podman with nothing allowed, answers its golden rows, and ends without losing an answer."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import shutil
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

HARD = ("--read-only", "--read-only-tmpfs=false", "--user", "10001", "--cap-drop", "all")
HARD += ("--security-opt", "no-new-privileges")


@pytest.fixture(scope="module")
def image(podman, shop, base) -> str:
    """The image in podman's own storage; its id."""
    layout = podman.folder / "small.oci"
    shop.image(base("amd64"), "-o", str(layout))
    return podman("pull", "--quiet", f"oci:{layout}:latest").stdout.strip()


@pytest.fixture
def served(podman, image, free_port) -> Iterator[tuple[str, int]]:
    """A container that answers on a port of the loopback address: its name and the port."""
    words = ("--host", "127.0.0.1", "--port", str(free_port))
    name = podman("run", "--detach", "--network", "host", *HARD, image, *words).stdout.strip()
    wait_until_ready(podman, name, free_port)
    yield name, free_port
    podman("rm", "--force", "--time", "0", name)


def wait_until_ready(podman, name: str, port: int) -> None:
    end = time.monotonic() + 60
    while ask(port, "GET", "/readyz")[0] != 200:
        assert time.monotonic() < end, podman("logs", name).stderr
        time.sleep(0.05)


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    """Status and body; status 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def tensors(table) -> list[dict[str, object]]:
    """Columns as the Open Inference Protocol has them."""
    return [
        {"name": name, "datatype": "FP64", "shape": [table.height], "data": column.values.tolist()}
        for name, column in table.columns.items()
    ]


def test_golden_rows_over_http(served, shop):
    _, port = served
    golden = shop.bundle.golden()
    status, body = ask(port, "POST", "/v2/models/small/infer", {"inputs": tensors(golden.inputs)})
    assert status == 200
    (answer,) = json.loads(body)["outputs"]
    assert np.allclose(answer["data"], golden.outputs["probability"], rtol=1e-9, atol=0)
    assert json.loads(ask(port, "GET", "/readyz")[1])["models"]["small"]["digest"] == shop.bundle.digest


def test_an_answer_under_way_arrives_when_the_container_is_stopped(podman, served, shop):
    name, port = served
    body = json.dumps({"inputs": tensors(shop.bundle.golden().inputs)}).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        head = f"POST /v2/models/small/infer HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
        line.sendall(head.encode() + body[:100])
        stopping = threading.Thread(target=podman, args=("stop", "--time", "15", name))
        stopping.start()
        time.sleep(0.5)  # SIGTERM has arrived; `drain = "1s"` of trimtab.toml is in the image
        line.sendall(body[100:])
        assert line.recv(1000).startswith(b"HTTP/1.1 200 ")
        stopping.join()
    state = json.loads(podman("inspect", name, "--format", "{{json .State}}").stdout)
    assert (state["Status"], state["ExitCode"]) == ("exited", 0)


def test_as_it_is_started_without_a_word_it_is_healthy(podman, image):
    """Its own user, command and health check, in a network that nobody else is in."""
    name = podman("run", "--detach", "--network", "none", "--read-only", "--cap-drop", "all", image).stdout.strip()
    (said,) = json.loads(podman("inspect", name).stdout)
    config = said["Config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"] == ["--host", "0.0.0.0", "--insecure"]  # noqa: S104 - of the container
    probe = ("/opt/trimtab/bin/python3.11", "-m", "trimtab.server.probe", "8080")
    end = time.monotonic() + 60
    while podman("exec", name, *probe, check=False).returncode:
        assert time.monotonic() < end, podman("logs", name).stderr
        time.sleep(0.1)
    assert podman("exec", name, "python", "-c", "import os; print(os.getuid())").stdout == "10001\n"
    podman("rm", "--force", "--time", "0", name)


def test_the_golden_rows_are_replayed_in_the_image(podman, image):
    words = ("--entrypoint", "python", image, "-m", "trimtab", "check", "/models/small")
    said = podman("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "all", *words).stdout
    assert re.search(r"golden +20 rows replayed, largest difference .*, in the compiled form", said)


def test_a_containerfile_gives_the_same_files_and_settings(podman, image, shop, base, tmp_path):
    """Labels that would be commands stay labels; the file is built by a builder that is not ours."""
    nasty = '$(touch X) `touch X` ${HOME} "quoted" \\ {{ x }}'
    shop.image(base("amd64"), "--containerfile", "-o", str(tmp_path / "context"), "--label", f"nasty={nasty}")
    assert nasty not in shlex.split((tmp_path / "context/Containerfile").read_text(), comments=False)
    shutil.copytree(base("amd64"), podman.folder / "base.oci")  # podman takes no place with a dot before its name
    argument = f"BASE=oci:{podman.folder}/base.oci:latest"
    podman(
        "build", "--quiet", "--network", "none", "--build-arg", argument, "--tag", "built", str(tmp_path / "context")
    )
    (ours,), (built,) = (json.loads(podman("image", "inspect", one).stdout) for one in (image, "built"))
    for key in ("User", "Env", "Entrypoint", "Cmd", "WorkingDir", "ExposedPorts", "StopSignal"):
        assert built["Config"][key] == ours["Config"][key], key
    assert built["Config"]["Labels"]["nasty"] == nasty
    assert ours["Config"]["Labels"].items() <= built["Config"]["Labels"].items()
    listing = (
        "import hashlib, os; print(*sorted(f'{os.path.join(d, f)} {os.stat(os.path.join(d, f)).st_mode} '"
        " + hashlib.sha256(open(os.path.join(d, f), 'rb').read()).hexdigest() for t in ('/models', '/opt')"
        " for d, _, fs in os.walk(t) for f in fs), sep='\\n')"
    )
    words = ("run", "--rm", "--network", "none", "--read-only", "--entrypoint", "/usr/bin/python3.11")
    assert podman(*words, image, "-c", listing).stdout == podman(*words, "built", "-c", listing).stdout
