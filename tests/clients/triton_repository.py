"""Triton's HTTP client, unchanged: models of a server are listed, loaded, renewed and unloaded while it answers.

The test that runs this keeps asking for `m` meanwhile. Control plane and data plane are two ports: two clients.
"""

import os

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

ROUNDS = 3


@pytest.fixture
def control():
    client = triton.InferenceServerClient(os.environ["TRIMTAB_ADMIN"], network_timeout=120)
    yield client
    client.close()


@pytest.fixture
def data(http):
    client = triton.InferenceServerClient(http, network_timeout=60)
    yield client
    client.close()


def index(client):
    return {entry["name"]: (entry["state"], entry["version"]) for entry in client.get_model_repository_index()}


def ask(client, model, version=""):
    """What the model makes of 3."""
    column = triton.InferInput("x", [1], "FP64")
    column.set_data_from_numpy(np.array([3.0]))
    result = client.infer(model, [column], model_version=version)
    return result.as_numpy("y").tolist(), result.get_response()["model_version"]


def test_a_model_is_renewed_to_the_bundle_that_was_packaged_since(control, data):
    old, new = os.environ["TRIMTAB_OLD"], os.environ["TRIMTAB_NEW"]
    assert index(control)["m"] == ("READY", old)
    assert ask(data, "m") == ([6.0], old)
    control.load_model("m")
    assert index(control)["m"] == ("READY", new)
    assert ask(data, "m", new) == ([6.0], new)
    with pytest.raises(InferenceServerException, match="has no version"):
        ask(data, "m", old)
    control.load_model("m")  # it is so already


def test_another_model_comes_and_goes(control, data):
    for _ in range(ROUNDS):
        assert index(control)["other"][0] == "UNAVAILABLE"
        assert not data.is_model_ready("other")
        control.load_model("other")
        assert index(control)["other"][0] == index(control)["m"][0] == "READY"
        assert control.is_model_ready("other")
        assert data.is_model_ready("other")
        assert ask(data, "other")[0] == [9.0]
        control.unload_model("other")
        with pytest.raises(InferenceServerException, match="no model `other`") as caught:
            ask(data, "other")
        assert caught.value.status() == "404"


def test_what_cannot_be_loaded_is_said_and_what_is_served_goes_on(control, data):
    before = index(control)
    for change in (control.load_model, control.unload_model):
        with pytest.raises(InferenceServerException, match="no model `mm`") as caught:
            change("mm")
        assert caught.value.status() == "404"
    with pytest.raises(InferenceServerException, match="the manifest says"):
        control.load_model("spoiled")
    assert index(control) == before
    assert ask(data, "m")[0] == [6.0]
