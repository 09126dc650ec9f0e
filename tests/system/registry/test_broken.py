"""Connections that break and registries that are busy: a push and a pull go on, and end with the same bytes."""

from __future__ import annotations

import hashlib

import pytest
from tests.doubles.meddling import cut_down, cut_up, pass_on, says, unheard
from tests.system.registry.conftest import make_bundle

from trimtab.bundle.oci.pulling import pull
from trimtab.bundle.oci.pushing import push
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.bundle.store import Store
from trimtab.core.errors import OutsideError, UserError

LARGE = 9_000_000
UPLOAD = "/blobs/uploads/"


def take(*_):
    """Trusts everything."""


@pytest.fixture
def bundle(tmp_path):
    return make_bundle(tmp_path / "made", LARGE)


@pytest.fixture
def fetch(meddler, quick, tmp_path):
    """Pulls the bundle through the proxy into a store of its own, and shows that it is the same."""

    def run(bundle):
        remote = parse_remote(f"{meddler.address}/team/m@{bundle.digest}")
        store = Store(tmp_path / "store")
        pulled = pull(quick.open(meddler.address), remote, store, take, print, 0.0)
        assert pulled.bundle.digest == bundle.digest
        assert (pulled.bundle.folder / "model/weights").read_bytes() == (bundle.folder / "model/weights").read_bytes()
        return pulled

    return run


def whole(registry, bundle):
    """Whether the registry has the model, byte for byte."""
    digest = bundle.manifest.files["model/weights"].sha256
    (path,) = registry.data.glob(f"docker/registry/v2/blobs/sha256/{digest[:2]}/{digest}/data")
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("after", [0, 1, 3_000_000])
def test_an_upload_cut_off_in_a_chunk_ends_whole(registry, meddler, quick, bundle, fetch, after):
    meddler.spoil("PATCH", UPLOAD, cut_up(after))
    push(quick.open(meddler.address), bundle, ())
    assert whole(registry, bundle)
    assert len(quick.pauses) >= 1
    assert fetch(bundle).fetched > LARGE


def test_an_upload_whose_second_chunk_is_cut_off_ends_whole(registry, meddler, quick, bundle):
    meddler.spoil("PATCH", UPLOAD, pass_on)
    meddler.spoil("PATCH", UPLOAD, cut_up(1_000_000))
    push(quick.open(meddler.address), bundle, ())
    assert whole(registry, bundle)


def test_an_upload_that_was_taken_and_not_confirmed_ends_whole(registry, meddler, quick, bundle):
    meddler.spoil("PATCH", UPLOAD, unheard)
    push(quick.open(meddler.address), bundle, ())
    assert whole(registry, bundle)


def test_an_upload_that_was_kept_and_not_confirmed_is_not_sent_again(registry, meddler, quick, bundle):
    meddler.spoil("PUT", UPLOAD, unheard, times=3)
    push(quick.open(meddler.address), bundle, ())
    assert whole(registry, bundle)
    assert meddler.carried < LARGE + 5_000


def test_a_tag_that_was_given_and_not_confirmed_is_given(registry, meddler, quick, bundle):
    meddler.spoil("PUT", "/manifests/", unheard)
    push(quick.open(meddler.address), bundle, (), "v1")
    assert registry.tags("team/m") == [bundle.digest[7:19], "v1"]


def test_an_upload_that_always_breaks_is_given_up_and_leaves_no_name(registry, meddler, quick, bundle):
    meddler.spoil("PATCH", UPLOAD, cut_up(1_000), times=1000)
    with pytest.raises(OutsideError, match="P247") as caught:
        push(quick.open(meddler.address), bundle, ())
    assert "times in a row" in str(caught.value)
    assert registry.tags("team/m") == []
    assert len(meddler.asked("PATCH")) < 30


@pytest.mark.parametrize("after", [[0], [1], [5_000_000], [2_000_000] * 4])
def test_a_download_cut_off_goes_on_where_it_was(registry, meddler, quick, bundle, fetch, after):
    push(quick.open(registry.address), bundle, ())
    for one in after:
        meddler.spoil("GET", f"/blobs/sha256:{bundle.manifest.files['model/weights'].sha256}", cut_down(one))
    pulled = fetch(bundle)
    assert pulled.fetched == LARGE + 600 + (bundle.folder / "bundle.json").stat().st_size
    asked = [one.headers.get("range", "bytes=0-") for one in meddler.asked("GET", "/blobs/")]
    steps = [int(one[len("bytes=") : -1]) for one in asked][-1 - len(after) :]
    assert steps == [sum(after[:count]) for count in range(len(after) + 1)]


def test_a_document_cut_off_is_asked_for_again(registry, meddler, quick, bundle, fetch):
    push(quick.open(registry.address), bundle, ())
    meddler.spoil("GET", "/manifests/", cut_down(100))
    fetch(bundle)
    assert len(quick.pauses) == 1


@pytest.mark.parametrize(("status", "asks"), [(429, "7"), (503, "7"), (502, None)])
def test_a_busy_registry_is_asked_again_when_it_says(meddler, quick, bundle, fetch, status, asks):
    headers = {"Retry-After": asks} if asks else {}
    meddler.spoil("PATCH", UPLOAD, says(status, headers))
    meddler.spoil("POST", UPLOAD, says(status, headers))
    meddler.spoil("GET", "/blobs/sha256", says(status, headers))
    push(quick.open(meddler.address), bundle, ())
    fetch(bundle)
    assert quick.pauses == [7.0 if asks else 0.5] * 3


def test_a_registry_that_wants_an_hour_is_not_waited_for(meddler, quick, bundle):
    meddler.spoil("GET", "/manifests/", says(429, {"Retry-After": "3600"}))
    with pytest.raises(OutsideError, match="wants to be left alone for 3600 s"):
        push(quick.open(meddler.address), bundle, ())
    assert quick.pauses == []


def test_a_registry_that_is_not_there_is_said_at_once(quick, bundle, free_port):
    with pytest.raises(OutsideError, match="nobody listens there"):
        push(quick.open(f"127.0.0.1:{free_port}"), bundle, ())


def test_a_pull_that_failed_leaves_the_store_whole_and_its_blobs_for_the_next(
    registry, meddler, quick, bundle, fetch, tmp_path
):
    push(quick.open(registry.address), bundle, ())
    weights = bundle.manifest.files["model/weights"].sha256
    meddler.spoil("GET", f"/blobs/sha256:{weights}", cut_down(1_500_000), times=1)
    meddler.spoil("GET", f"/blobs/sha256:{weights}", cut_down(0), times=4)
    with pytest.raises(OutsideError, match="P247"):
        fetch(bundle)
    store = tmp_path / "store"
    assert Store(store).list() == ()
    assert [path.name for path in (store / "partial").iterdir()] == [weights]
    assert list((store / "incoming").iterdir()) == []
    again = fetch(bundle)
    assert again.spared == 1_500_000
    assert again.fetched < LARGE - 1_000_000
    assert not (store / "partial").exists()


def test_a_blob_kept_from_another_pull_that_is_damaged_is_fetched_anew(registry, quick, bundle, tmp_path):
    push(quick.open(registry.address), bundle, ())
    found = quick.open(registry.address)
    remote = parse_remote(f"{registry.address}/team/m@{bundle.digest}")
    store = Store(tmp_path / "store")
    weights = bundle.manifest.files["model/weights"].sha256
    (tmp_path / "store/partial").mkdir(parents=True)
    (tmp_path / "store/partial" / weights).write_bytes(b"other" * 300_000)
    with pytest.raises(UserError, match="P212"):
        pull(found, remote, store, take, print, 0.0)
    assert store.list() == ()
    assert pull(found, remote, store, take, print, 0.0).fetched > LARGE
