"""The config says what runs, and nothing of when and where it was made."""

import json

import pytest

from trimtab.bundle.image.base import Base, Image, Root
from trimtab.bundle.image.config import config_of, manifest_of, platform_of, running_of
from trimtab.bundle.image.layers import Layer
from trimtab.bundle.oci.spec import GZIP_LAYER, Descriptor, decode_manifest

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
OURS = Layer("model", Descriptor(GZIP_LAYER, TWO, 7), TWO, 70)


def base(*history):
    image = Image("arm64", "linux", Root((ONE,)), {"Env": ["A=b"], "Cmd": ["sh"]}, "v8", history)
    return Base(Descriptor("m", ONE, 1), (Descriptor(GZIP_LAYER, ONE, 5, annotations={"x": "y"}),), image)


def config(one, created="1970-01-01T00:00:00Z"):
    running = running_of("3.11", "churn", (8000, 9000), {"A": "b", "PYTHONHOME": "/x"}, {"l": "v"})
    return json.loads(config_of(one, [OURS], running, created))


def test_what_runs_and_as_whom():
    said = config(base())["config"]
    assert said["User"] == "10001:10001"
    assert said["Entrypoint"] == ["/opt/trimtab/bin/python3.11", "-m", "trimtab", "serve", "/models/churn"]
    assert said["Cmd"] == ["--host", "0.0.0.0", "--insecure"]  # noqa: S104 - of the container
    assert said["ExposedPorts"] == {"8000/tcp": {}, "9000/tcp": {}}
    assert said["StopSignal"] == "SIGTERM"
    assert said["Healthcheck"]["Test"][0] == "CMD"
    assert said["Healthcheck"]["Test"][-1] == "8000"
    assert said["Labels"] == {"l": "v"}
    assert said["Env"][0] == "A=b"
    assert not any(one.startswith("PYTHONHOME") for one in said["Env"])


def test_layers_above_the_base_in_their_order_for_its_platform():
    whole = config(base(), created="2001-02-03T04:05:06Z")
    assert whole["rootfs"] == {"type": "layers", "diff_ids": [ONE, TWO]}
    assert (whole["architecture"], whole["os"], whole["variant"]) == ("arm64", "linux", "v8")
    assert whole["created"] == "2001-02-03T04:05:06Z"
    assert platform_of(base().image).variant == "v8"


@pytest.mark.parametrize(
    "history", [(), ({"created_by": "x"},), ({"created_by": "x"}, {"created_by": "ENV", "empty_layer": True})]
)
def test_the_history_has_an_entry_for_every_layer(history):
    entries = config(base(*history))["history"]
    assert sum(not one.get("empty_layer") for one in entries) == 2
    assert entries[-1]["created_by"] == "trimtab image: model"


def test_the_manifest_names_the_base_layers_as_they_were():
    manifest = decode_manifest(manifest_of(base(), [OURS], b"{}", {"t": "u"}), "test")
    assert [one.digest for one in manifest.layers] == [ONE, TWO]
    assert manifest.layers[0].annotations == {}
    assert manifest.annotations == {"t": "u"}
