"""Bundles through Debian's registry and back: only what is missing travels, and names stay where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.system.registry.conftest import make_bundle

from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.bundle.oci.pushing import push
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store
from trimtab.core.errors import UserError

SIGNATURE = "application/vnd.example.signature"


def said(ran):
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_is_pushed_once_and_pulled_by_tag_and_by_both_digests(registry, trimtab, tmp_path):
    bundle = make_bundle(tmp_path / "made", 9_000_000)
    place = f"{registry.address}/team/m"
    first = said(trimtab("push", "./made", f"{place}:v1", "--json"))
    assert first["digest"] == bundle.digest
    assert first["tags"] == [bundle.digest[7:19], "v1"] == registry.tags("team/m")
    assert first["bytes_sent"] == 9_000_600 + (bundle.folder / "bundle.json").stat().st_size
    assert (first["blobs_sent"], first["blobs_spared"]) == (3, 0)
    second = said(trimtab("push", "./made", f"{place}:v1", "--json"))
    assert (second["bytes_sent"], second["blobs_sent"], second["blobs_spared"]) == (0, 0, 3)
    ends = (":v1", f":{bundle.digest[7:19]}", f"@{bundle.digest}", f"@{first['manifest']}")
    for number, end in enumerate(ends):
        store = tmp_path / f"store{number}"
        pulled = said(trimtab("pull", f"{place}{end}", "--store", str(store), "--tag", "latest", "--json"))
        assert (pulled["digest"], pulled["manifest"]) == (bundle.digest, first["manifest"])
        assert content(Store(store).resolve("m").folder) == content(bundle.folder)
        assert not (store / "partial").exists()
        assert list((store / "incoming").iterdir()) == []


def test_what_a_person_reads_says_how_much_travelled(registry, trimtab, tmp_path):
    make_bundle(tmp_path / "made")
    place = f"{registry.address}/m"
    words = [line.split()[:2] for line in trimtab("push", "./made", place).stdout.splitlines()]
    assert [word[0] for word in words] == ["bundle", "manifest", "tagged", "sent", "spared", "evidence"]
    assert "0 bytes (0 B) in 0 blobs" in trimtab("push", "./made", place).stdout
    pulled = trimtab("pull", f"{place}:{open_bundle(tmp_path / 'made').digest[7:19]}")
    assert "fetched" in pulled.stdout, pulled.stderr
    assert pulled.stderr == ""


def test_another_model_with_the_same_code_sends_and_fetches_only_what_differs(registry, trimtab, tmp_path):
    make_bundle(tmp_path / "one", 50_000)
    two = make_bundle(tmp_path / "two", 60_000, seed=2)
    place = f"{registry.address}/m"
    said(trimtab("push", "./one", f"{place}:one", "--json"))
    sent = said(trimtab("push", "./two", f"{place}:two", "--json"))
    own = 60_000 + (two.folder / "bundle.json").stat().st_size
    assert (sent["bytes_sent"], sent["blobs_sent"], sent["blobs_spared"]) == (own, 2, 1)
    said(trimtab("pull", f"{place}:one", "--json"))
    fetched = said(trimtab("pull", f"{place}:two", "--json"))
    assert (fetched["bytes_fetched"], fetched["bytes_spared"]) == (own, 600)


def test_a_tag_that_names_another_bundle_is_not_moved_and_nothing_is_sent(registry, trimtab, tmp_path):
    make_bundle(tmp_path / "one")
    make_bundle(tmp_path / "two", seed=2)
    place = f"{registry.address}/m:v1"
    first = said(trimtab("push", "./one", place, "--json"))
    before = registry.blobs()
    ran = trimtab("push", "./two", place)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"error[P239]: the tag `v1` names `{first['manifest']}` already")
    assert "hint: leave the tag out" in ran.stderr
    assert registry.blobs() == before


def test_what_is_said_of_a_bundle_travels_with_it(registry, trimtab, tmp_path):
    store = Store(tmp_path / ".trimtab")
    digest = store.add(make_bundle(tmp_path / "made").folder)
    documents = (Evidence(SIGNATURE, b"signed"), Evidence("application/vnd.in-toto+json", b"{}"))
    keep_evidence(store.root, digest, documents)
    place = f"{registry.address}/m"
    assert said(trimtab("push", digest, place, "--json"))["evidence"] == 2
    again = said(trimtab("push", digest, place, "--json"))
    assert (again["bytes_sent"], again["blobs_sent"]) == (0, 0)
    assert [tag for tag in registry.tags("m") if tag.startswith("sha256-")] == [
        again["manifest"].replace(":", "-")
    ]  # as for registries without referrers
    pulled = said(trimtab("pull", f"{place}@{digest}", "--store", str(tmp_path / "other"), "--json"))
    assert pulled["evidence"] == 2
    assert set(evidence_of(tmp_path / "other", digest)) == set(documents)


def test_documents_that_others_added_are_passed_over_and_said(registry, quick, trimtab, tmp_path):
    from trimtab.bundle.oci.spec import EMPTY, MANIFEST, Manifest, described, document

    bundle = make_bundle(tmp_path / "made")
    repository = quick.open(registry.address, "m")
    pushed = push(repository, bundle, (Evidence(SIGNATURE, b"signed"),))
    config = described(b"{}", EMPTY)
    scan = document(
        Manifest(
            schema_version=2,
            media_type=MANIFEST,
            artifact_type="application/vnd.example.scan",
            config=config,
            layers=(config, config),
            subject=pushed.root,
        )
    )
    repository.tag(described(scan, MANIFEST), scan, "")
    ran = trimtab("pull", f"{registry.address}/m@{bundle.digest}", "--json")
    assert said(ran)["evidence"] == 1
    assert "passed over a document about the bundle: sha256:" in ran.stderr


def test_what_another_repository_has_is_mounted_and_not_sent(registry, trimtab, tmp_path):
    make_bundle(tmp_path / "made", 50_000)
    said(trimtab("push", "./made", f"{registry.address}/one", "--json"))
    sent = said(trimtab("push", "./made", f"{registry.address}/two", "--mount-from", "one", "--json"))
    assert (sent["bytes_sent"], sent["blobs_sent"], sent["blobs_spared"]) == (0, 0, 3)
    said(trimtab("pull", f"{registry.address}/two:{sent['tags'][0]}", "--json"))


@pytest.mark.parametrize(
    ("end", "code"), [(":none", "P211"), ("", "P211"), (f"@sha256:{'0' * 64}", "P211"), (":a b", "P237")]
)
def test_what_is_not_there_is_not_pulled(registry, trimtab, tmp_path, end, code):
    make_bundle(tmp_path / "made")
    said(trimtab("push", "./made", f"{registry.address}/m", "--json"))
    ran = trimtab("pull", f"{registry.address}/m{end}")
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"error[{code}]")


def test_a_digest_that_only_begins_like_a_bundles_is_not_taken_for_it(registry, trimtab, tmp_path):
    digest = make_bundle(tmp_path / "made").digest
    said(trimtab("push", "./made", f"{registry.address}/m", "--json"))
    ran = trimtab("pull", f"{registry.address}/m@{digest[:-1]}{'0' if digest[-1] != '0' else '1'}")
    assert ran.stderr.startswith("error[P211]: there is no bundle `sha256:")


def test_a_pull_that_is_not_trusted_leaves_nothing(registry, quick, tmp_path):
    from trimtab.bundle.oci.pulling import pull
    from trimtab.bundle.oci.remote.reference import parse_remote
    from trimtab.core.errors import Problem

    def never(*_):
        raise UserError(Problem("P292", "not by us"))

    bundle = make_bundle(tmp_path / "made")
    push(quick.open(registry.address), bundle, ())
    store = Store(tmp_path / "store")
    remote = parse_remote(f"{registry.address}/team/m@{bundle.digest}")
    with pytest.raises(UserError, match="P292"):
        pull(quick.open(registry.address), remote, store, never, print, 0.0)
    assert store.list() == ()
    assert [path for path in Path(store.root).rglob("*") if path.is_file()] == [store.root / "lock"]
