"""Triton's HTTP client, unchanged, against the control plane: index, load, unload."""

import os

import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


@pytest.fixture
def client():
    client = triton.InferenceServerClient(os.environ["TRIMTAB_ADMIN"])
    yield client
    client.close()


def states(client):
    return {entry["name"]: entry["state"] for entry in client.get_model_repository_index()}


def test_it_says_that_it_has_the_extension(client):
    assert client.is_server_live()
    assert "model_repository" in client.get_server_metadata()["extensions"]


def test_index_load_and_unload(client):
    assert states(client) == {"churn": "READY", "fraud": "UNAVAILABLE", "broken": "UNAVAILABLE"}
    assert client.get_model_repository_index()[1]["reason"] == "not loaded"
    client.load_model("fraud")
    client.unload_model("churn")
    assert states(client) == {"churn": "UNAVAILABLE", "fraud": "READY", "broken": "UNAVAILABLE"}
    client.load_model("churn")
    client.unload_model("fraud", unload_dependents=True)
    assert states(client)["churn"] == "READY"


def test_what_cannot_be_done_is_said(client):
    with pytest.raises(InferenceServerException, match="no model `other`") as caught:
        client.load_model("other")
    assert caught.value.status() == "404"
    with pytest.raises(InferenceServerException, match="no weights"):
        client.load_model("broken")
    with pytest.raises(InferenceServerException, match="parameter `config` is not taken"):
        client.load_model("fraud", config='{"backend": "mine"}')
