"""Bundles that mean harm in archives that are in order: their names are looked at, and nothing of them is run."""

from __future__ import annotations

import base64
import pickle
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.read import open_bundle


class Evil:
    """Its pickle writes a file when it is read."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return exec, (f"open({str(self.canary)!r}, 'w').close()",)


def poisons(canary: Path) -> dict[str, bytes]:
    """Files that write the canary as soon as anybody unpickles, imports or unpacks them."""
    code = f"open({str(canary)!r}, 'w').close()\n".encode()
    files = {f"model/model-{protocol}.pkl": pickle.dumps(Evil(canary), protocol) for protocol in range(6)}
    pickled = files["model/model-4.pkl"]
    return files | {
        "model/model.joblib": pickled, "model/model.txt": base64.b64encode(pickled), "golden/request.json": pickled,
        "golden/response.json": pickled, "compiled/plan.json": pickled, "compiled/certificate.json": pickled,
        "code/evil.pth": b"import os; " + code, "code/sitecustomize.py": code, "code/usercustomize.py": code,
        "code/json.py": code, "code/model.py": code, "code/conftest.py": code, "requirements.txt": b"",
        "trimtab.py": code, "setup.py": code, "index.json": pickled,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_nothing_of_a_bundle_is_executed(tmp_path, write, save, load, form):
    canary = tmp_path / "canary"
    folder = write("evil", poisons(canary))
    status, err = load(folder if form == "folder" else save(open_bundle(folder)))
    assert status in (0, 1, 2), err  # whether it is taken is for the policy to say
    assert not canary.exists()
    pickle.loads((folder / "model" / "model-4.pkl").read_bytes())
    assert canary.exists()  # the poison works


def test_a_bomb_of_one_content_under_many_names(write, save, refused):
    bundle = open_bundle(write("bundle", {"data": bytes(10**5)}))
    content = bundle.manifest.files["data"]
    files = {**dict.fromkeys((f"model/{number}" for number in range(9000)), content), "data": content}
    path = save(replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, files=files)))
    assert path.stat().st_size < 5 * 10**6
    assert "100000 bytes of content, which its files repeat until they are 900100000" in refused(path)


def test_a_bomb_of_folders(save_named, refused):
    names = ["a/" * (32 + number) + "a" for number in range(200)]
    assert "has more than 32 parts" in refused(save_named(*names))


@pytest.mark.parametrize("pair", [("code/own.py", "code/OWN.py"), ("code/stra\u00dfe", "code/STRASSE"), ("a", "a/b")])
def test_a_clash_of_the_bundles_own_names(save_named, refused, pair):
    err = refused(save_named(*pair))
    assert err.count("error[P205]") == 2
    assert all(repr(name) in err for name in pair)


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "code/../../evil", "code\\evil", "c:evil", "cafe\u0301", "a\u200bb"]
)
def test_an_unsafe_name_of_the_bundles_own(tmp_path, save_named, refused, name):
    err = refused(save_named(name))
    assert "error[P205]" in err
    assert repr(name) in err
    assert [path.name for path in tmp_path.rglob("*evil*")] == ["evil.tar"]
