"""`trimtab serve --admin-port` over a store, and Triton's client that changes what it serves, while others ask."""

import http.client
import json
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

MODEL = "def predict(data):\n    return {{'y': data['x'] * {factor}}}  # {remark}\n"


@pytest.fixture
def package(workshop):
    """Packages a model that multiplies by the factor; its folder in the store."""

    def make(name, factor, remark=""):
        workshop.write(model=MODEL.format(factor=factor, remark=remark))
        workshop.lock_everything()
        return workshop.package(name=name)

    return make


@pytest.fixture
def served(start, workshop, package, free_port):
    """A server of `m`, once it answers; other bundles lie beside it."""
    bundle = package("m", 2)
    command = ["trimtab", "serve", "m", "--store", str(workshop.store.root), "--port", "0", "--json"]
    child = start(*command, "--admin-port", str(free_port), cwd=workshop.root)
    child.wait_until(lambda: "\n" in child.out)
    place = urlsplit(json.loads(child.out)["address"])

    def connection():
        return http.client.HTTPConnection(place.netloc, timeout=30)

    version, admin = bundle.digest[7:19], f"127.0.0.1:{free_port}"
    return SimpleNamespace(child=child, connection=connection, http=place.netloc, version=version, admin=admin)


def test_tritons_client_loads_renews_and_unloads_and_no_request_fails(served, package, run_client, Traffic):
    other, spoiled = package("other", 3), package("spoiled", 4)
    (spoiled.folder / "code/model.py").write_text("def predict(data): ...\n")
    renewed = package("m", 2, "packaged since").digest[7:19]
    assert other.digest != renewed != served.version
    with Traffic(served) as traffic:
        traffic.wait_for(10)
        env = {"TRIMTAB_ADMIN": served.admin, "TRIMTAB_HTTP": served.http}
        run_client("triton_repository", 3, {**env, "TRIMTAB_OLD": served.version, "TRIMTAB_NEW": renewed})
        traffic.wait_for(10)
    assert traffic.wrong == []
    assert traffic.versions == {served.version, renewed}
    assert served.child.process.poll() is None
