"""A bundle as OCI content and back: nothing is copied on the way out, nothing is believed on the way in."""

import hashlib
import os
from dataclasses import replace

import msgspec
import pytest

from trimtab.bundle import manifest as manifests
from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.oci.artifact import BundleSource, Limits, bundle_manifest, referrer, unpack
from trimtab.bundle.oci.blobs import everything, verified
from trimtab.bundle.oci.spec import BUNDLE, BUNDLE_CONFIG, MANIFEST, TITLE, Descriptor, decode_manifest, document
from trimtab.bundle.read import open_bundle
from trimtab.core.errors import UserError


@pytest.fixture
def into(tmp_path):
    """An empty folder."""
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


def forged(shelf, change):
    """The root of the same artifact with another manifest."""
    before = decode_manifest(shelf.blobs[shelf.entries[0].digest], "here")
    return shelf.put(document(change(before)), MANIFEST)


def forged_files(shelf, bundle, files):
    """The root of an artifact whose `bundle.json` names other files, with layers that agree."""
    said = msgspec.structs.replace(bundle.manifest, files=files)
    # a name that is none cannot be encoded by `encode` alone when the digest is odd; these are all well-formed
    shelf.put(manifests.encode(said), BUNDLE_CONFIG)
    return shelf.put(bundle_manifest(replace(bundle, manifest=said)), MANIFEST)


def whats(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    return [(one.code, one.what) for one in caught.value.problems]


def test_the_config_is_the_bundle_and_each_file_a_layer_with_its_name(bundle):
    manifest = decode_manifest(bundle_manifest(bundle), "here")
    assert (manifest.artifact_type, manifest.config.media_type) == (BUNDLE, BUNDLE_CONFIG)
    assert manifest.config.digest == bundle.digest
    assert manifest.config.size == (bundle.folder / "bundle.json").stat().st_size
    named = {layer.annotations[TITLE]: (layer.digest, layer.size) for layer in manifest.layers}
    assert list(named) == sorted(bundle.manifest.files)
    assert named == {name: (f"sha256:{one.sha256}", one.size) for name, one in digest_folder(bundle.folder).items()}


def test_the_same_bundle_elsewhere_has_the_same_manifest(bundle, tmp_path, write_bundle):
    write_bundle(tmp_path / "again")
    assert bundle_manifest(open_bundle(tmp_path / "again")) == bundle_manifest(bundle)


def test_a_document_about_a_bundle_names_it(bundle, said):
    source = BundleSource(bundle, said)
    manifest = decode_manifest(referrer(said[0], source.root), "here")
    assert manifest.artifact_type == said[0].media_type
    assert manifest.subject == Descriptor(source.root.media_type, source.root.digest, source.root.size)
    assert (manifest.config.media_type, manifest.config.size) == ("application/vnd.oci.empty.v1+json", 2)
    assert manifest.config.digest == f"sha256:{hashlib.sha256(b'{}').hexdigest()}"


def test_the_source_has_all_that_its_documents_name(bundle, said):
    source = BundleSource(bundle, said)
    for root in (source.root, *source.referrers):
        assert source.resolve(root.digest) == root
        for one, _ in everything(source, root):
            assert sum(map(len, verified(one, source.read(one)))) == one.size
    assert source.resolve("") == source.resolve("m") == source.root


def test_what_the_source_does_not_have_is_said(bundle, refusal):
    source = BundleSource(bundle)
    assert refusal(source.resolve, "other").code == "P211"
    assert refusal(lambda: list(source.read(Descriptor("m", f"sha256:{'0' * 64}", 1)))).code == "P211"


def test_a_file_that_became_a_link_or_a_pipe_is_not_read(bundle, refusal):
    path = bundle.folder / "model" / "weights"
    layer = decode_manifest(bundle_manifest(bundle), "here").layers[1]
    for make in (lambda: path.symlink_to("/etc/hostname"), lambda: os.mkfifo(path)):
        path.unlink()
        make()
        found = refusal(lambda: list(BundleSource(bundle).read(layer)))
        assert (found.code, found.where) == ("P211", str(path))


def test_what_is_unpacked_is_the_bundle(full, bundle, into):
    unpack(full, full.entries[0], into)
    assert open_bundle(into).digest == bundle.digest
    assert digest_folder(into) == digest_folder(bundle.folder)


def test_two_files_of_one_content_are_both_there(tmp_path, into, write_bundle):
    write_bundle(tmp_path / "twins", files={"model/a": b"x", "model/b": b"x"})
    source = BundleSource(open_bundle(tmp_path / "twins"))
    unpack(source, source.root, into)
    assert (into / "model" / "a").read_bytes() == (into / "model" / "b").read_bytes() == b"x"


def test_a_manifest_that_says_more_of_itself_is_still_the_bundles(full, into, bundle):
    root = forged(
        full, lambda it: msgspec.structs.replace(it, annotations={"by": "another tool"}, layers=it.layers[::-1])
    )
    unpack(full, root, into)
    assert open_bundle(into).digest == bundle.digest


def layers(edit):
    return lambda it: msgspec.structs.replace(it, layers=edit(it.layers))


def titled(layer, title):
    return msgspec.structs.replace(layer, annotations={TITLE: title} if title else {})


def test_layers_that_are_not_the_files_are_named(full, into):
    code, model, requirements = decode_manifest(full.blobs[full.entries[0].digest], "here").layers
    other = full.put(b"planted")

    def said(*them):
        return whats(unpack, full, forged(full, layers(lambda _: them)), into)

    assert said(code, model) == [("P215", "'requirements.txt' has no layer")]
    assert said(code, model, requirements, titled(other, "code/sitecustomize.py")) == [
        ("P215", "'code/sitecustomize.py' is a layer that `bundle.json` does not name")
    ]
    assert said(code, model, requirements, code) == [("P215", "'code/own.py' is a layer twice")]
    assert said(titled(model, "code/own.py"), titled(code, "model/weights"), requirements) == [
        ("P215", "'code/own.py' has the content of 'model/weights'"),
        ("P215", "'model/weights' has the content of 'code/own.py'"),
    ]
    assert said(titled(other, "code/own.py"), model, requirements) == [
        ("P215", f"'code/own.py' is {other.digest} as a layer")
    ]
    assert said(msgspec.structs.replace(code, size=7), model, requirements) == [
        ("P215", "'code/own.py' has 7 bytes as a layer, 6 in `bundle.json`")
    ]
    assert said(titled(code, ""), model, requirements) == [
        ("P215", "'code/own.py' has no layer"),
        ("P215", "'' is a layer that `bundle.json` does not name"),
    ]
    assert list(into.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda it: msgspec.structs.replace(it, artifact_type="application/vnd.other"),
        lambda it: msgspec.structs.replace(it, artifact_type=""),
        lambda it: msgspec.structs.replace(it, config=msgspec.structs.replace(it.config, media_type="text/plain")),
    ],
)
def test_an_artifact_of_another_kind_is_no_bundle(full, into, change):
    ((code, what),) = whats(unpack, full, forged(full, change), into)
    assert (code, what.startswith("is no bundle: its type is ")) == ("P215", True)


@pytest.mark.parametrize(
    "name",
    [
        "../out",
        "/out",
        "a//b",
        "a\\b",
        "model/../x",
        "c:x",
        "nul\u0000",
        "e\u0301",
        "model/x.",
        "model/\u202etxt",
        "x" * 300,
    ],
)
def test_a_name_that_is_not_safe_everywhere_is_refused(full, bundle, into, name):
    files = {**bundle.manifest.files, name: bundle.manifest.files["code/own.py"]}
    assert [code for code, _ in whats(unpack, full, forged_files(full, bundle, files), into)] == ["P205"]
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("pair", [("code/a", "code/A"), ("x", "x/y"), ("stra\u00dfe", "STRASSE"), ("\ufb01", "fi")])
def test_names_that_are_one_file_somewhere_are_refused(full, bundle, into, pair):
    files = dict.fromkeys(pair, bundle.manifest.files["code/own.py"])
    assert [code for code, _ in whats(unpack, full, forged_files(full, bundle, files), into)] == ["P205", "P205"]


def test_too_many_or_too_large_files_are_refused_before_any_is_read(full, bundle, into):
    root = full.entries[0]
    assert whats(unpack, full, root, into, Limits(files=2))[0][0] == "P215"
    assert whats(unpack, full, root, into, Limits(size=25))[0][0] == "P215"
    huge = forged_files(full, bundle, {"model/w": FileEntry("a" * 64, 2**40)})
    ((code, what),) = whats(unpack, full, huge, into)
    assert (code, f"1 files of {2**40} bytes" in what) == ("P215", True)
    assert f"sha256:{'a' * 64}" not in full.reads
    unpack(full, root, into, Limits(files=3, size=26))


def test_a_content_that_is_repeated_without_end_is_refused_before_any_is_read(full, bundle, into):
    one = FileEntry("a" * 64, 10**6)
    root = forged_files(full, bundle, {f"model/{number}": one for number in range(300)})
    ((code, what),) = whats(unpack, full, root, into)
    assert (code, what) == (
        "P215", "the bundle has 1000000 bytes of content, which its files repeat until they are 300000000"
    )  # fmt: skip
    assert f"sha256:{'a' * 64}" not in full.reads
    twins = forged_files(full, bundle, dict.fromkeys(("a", "b", "c", "d"), FileEntry("a" * 64, 10**10)))
    assert whats(unpack, full, twins, into) == [("P211", f"has no sha256:{'a' * 64}")]  # larger, and not too often


def test_a_changed_blob_is_named_by_its_file(full, into, refusal):
    layer = next(digest for digest, data in full.blobs.items() if data == b"x = 1\n")
    full.blobs[layer] = b"x = 2\n"
    found = refusal(unpack, full, full.entries[0], into)
    assert (found.code, found.where) == ("P212", f"`code/own.py` {layer}")


def test_a_config_that_is_no_manifest_is_refused_before_any_layer_is_read(full, into, refusal):
    root = forged(full, lambda it: msgspec.structs.replace(it, config=replaced(it.config, full.put(b"{}"))))
    assert refusal(unpack, full, root, into).code == "P201"


def replaced(config, other):
    return msgspec.structs.replace(config, digest=other.digest, size=other.size)
