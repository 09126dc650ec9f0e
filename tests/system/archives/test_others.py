"""Programs of others take our archives as they are, and what they write is taken by us."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile

import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.carried import take
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store

SAID = (Evidence("application/vnd.in-toto+json", b'{"tests":"passed"}'),)


@pytest.fixture
def skopeo(program, tmp_path):
    """Runs skopeo in the test's folder; what it printed."""
    command = [program("skopeo"), "--insecure-policy"]

    def run(*words):
        return subprocess.run([*command, *words], cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout

    return run


@pytest.fixture
def source(write):
    """A bundle with a document about it."""
    return BundleSource(open_bundle(write("good", {"code/own.py": b"x = 1\n", "a/empty": b"", "b/empty": b""})), SAID)


@pytest.fixture
def saved(source, tmp_path):
    """The archive of both."""
    roots = [Content(source, source.root, source.name), *(Content(source, one) for one in source.referrers)]
    write_archive(roots, tmp_path / "ours.tar")
    return "ours.tar"


def taken(tmp_path, name):
    """The digest of a bundle, and how many documents about it were taken with it."""
    bundle, evidence = take(tmp_path / name, Store(tmp_path / "taken" / name), lambda *_: None)
    return bundle.digest, len(evidence)


def test_skopeo_finds_the_manifest_under_the_bundles_name(skopeo, saved, source):
    raw = skopeo("inspect", "--raw", f"oci-archive:{saved}:evil")
    assert f"sha256:{hashlib.sha256(raw).hexdigest()}" == source.root.digest


def test_what_skopeo_copies_is_the_same_bundle(skopeo, saved, source, tmp_path):
    digest, _ = taken(tmp_path, saved)
    skopeo("copy", f"oci-archive:{saved}:evil", "oci:layout")
    skopeo("copy", "oci:layout", "oci-archive:theirs.tar")
    skopeo("copy", "oci-archive:theirs.tar", "oci:again:evil")
    for name in ("layout", "theirs.tar", "again"):
        assert taken(tmp_path, name) == (digest, 0)
    hexes = source.root.digest.removeprefix("sha256:")
    assert (tmp_path / "layout" / "blobs" / "sha256" / hexes).read_bytes() == b"".join(source.read(source.root))


def test_skopeo_takes_an_archive_of_a_bundle_alone_without_its_name(skopeo, source, tmp_path):
    write_archive([Content(source, source.root)], tmp_path / "alone.tar")
    assert b"vnd.trimtab.bundle" in skopeo("inspect", "--raw", "oci-archive:alone.tar")


@pytest.mark.parametrize("extra", [[], ["--owner=1000", "--group=1000", "--mtime=2024-02-03", "--sort=name"]])
def test_what_tar_packs_in_the_plain_form_is_taken(program, saved, tmp_path, extra):
    digest, _ = taken(tmp_path, saved)
    (tmp_path / "out").mkdir()
    with tarfile.open(tmp_path / saved) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    words = [program("tar"), "--format=ustar", *extra, "-cf", "../tar.tar", "oci-layout", "index.json", "blobs"]
    subprocess.run(words, cwd=tmp_path / "out", check=True, timeout=60)
    assert taken(tmp_path, "tar.tar") == (digest, 1)
