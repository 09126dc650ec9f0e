"""Whatever bytes are given as an archive: it is read, or refused with a UserError; nothing else ever comes out."""

import os
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.bundle.manifest import FileEntry, Manifest, encode
from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.artifact import unpack
from trimtab.bundle.oci.contents import contents_of
from trimtab.bundle.oci.entries import LAYOUT, index_of
from trimtab.bundle.oci.spec import BUNDLE, BUNDLE_CONFIG, MANIFEST, TITLE, Descriptor, described, document
from trimtab.bundle.oci.spec import Manifest as Artifact
from trimtab.bundle.oci.tar import END, header, padding
from trimtab.core.errors import UserError

CONTENT = b"x = 1\n"
FIELD = {"name": "x", "dtype": "FP64"}


def tar(members):
    return b"".join(header(name, len(data)) + data + bytes(padding(len(data))) for name, data in members.items()) + END


def blob(data):
    return f"blobs/sha256/{described(data, '').digest.removeprefix('sha256:')}", data


def members_of(config, layers, **said):
    """The members of an archive of one artifact, whose digests agree."""
    artifact = document(
        Artifact(schema_version=2, artifact_type=BUNDLE, config=described(config, BUNDLE_CONFIG), layers=layers, **said)
    )
    index = index_of((described(artifact, MANIFEST),))
    return {"oci-layout": LAYOUT, "index.json": index} | dict(map(blob, (artifact, config, CONTENT)))


def config_of(name):
    plain = {"inputs": [FIELD], "outputs": [FIELD], "container": "arrays"}
    content = described(CONTENT, "")
    files = {name: FileEntry(content.digest.removeprefix("sha256:"), content.size)}
    return encode(Manifest(name="m", flavour="python", signature=plain, files=files))


def layer_of(name):
    return msgspec.structs.replace(described(CONTENT, "m"), annotations={TITLE: name})


GOOD = tar(members_of(config_of("code/own.py"), (layer_of("code/own.py"),)))


def taken(data):
    """The files of the bundle that the bytes are an archive of; None where they are refused."""
    handle = os.memfd_create("archive")
    try:
        os.write(handle, data)
        with tempfile.TemporaryDirectory() as outside, Archive(Path(f"/proc/self/fd/{handle}")) as archive:
            into = Path(outside, "into")
            into.mkdir()
            try:
                unpack(archive, contents_of(archive).root, into)
            finally:
                assert list(Path(outside).iterdir()) == [into]
            return {str(one.relative_to(into)): one.read_bytes() for one in into.rglob("*") if one.is_file()}
    except UserError:
        return None
    finally:
        os.close(handle)


FILES = {"bundle.json": config_of("code/own.py"), "code/own.py": CONTENT}


def test_the_good_one_is_read():
    assert taken(GOOD) == FILES


@given(st.binary(max_size=4096))
def test_any_bytes(data):
    assert taken(data) is None


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_bytes_changed_anywhere(changes):
    data = bytearray(GOOD)
    for at, difference in changes:
        data[at] ^= difference
    assert taken(bytes(data)) in (None, FILES)  # two changes of a date may make up for each other in its checksum


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=1024))
def test_a_part_replaced(begin, end, part):
    assert taken(GOOD[:begin] + part + GOOD[end:]) in (None, FILES)


KEYS = st.sampled_from(["schemaVersion", "manifests", "mediaType", "digest", "size", "annotations"]) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from(["oci-layout", "index.json"]), JSON)
def test_any_json_in_the_place_of_a_small_file(name, value):
    members = members_of(config_of("code/own.py"), (layer_of("code/own.py"),))
    assert taken(tar(members | {name: msgspec.json.encode(value)})) in (None, FILES)


@settings(max_examples=200)
@given(
    st.text(max_size=20) | st.sampled_from(["code/own.py", "../x", "/x", "a/../b", "bundle.json"]), st.text(max_size=9)
)
def test_any_file_name(name, title):
    try:
        config = config_of(name)
    except UserError:
        return  # `bundle.json` itself, and text that is no Unicode
    assert taken(tar(members_of(config, (layer_of(name),)))) in (None, {"bundle.json": config, name: CONTENT})
    assert taken(tar(members_of(config, (layer_of(title),)))) is None or title == name


@given(st.binary(max_size=200), st.lists(st.builds(
    Descriptor, st.just("m"), st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True), st.integers(0, 10),
    annotations=st.dictionaries(st.just(TITLE), st.text(max_size=5)),
), max_size=3))  # fmt: skip
def test_any_config_and_layers(config, layers):
    assert taken(tar(members_of(config, tuple(layers)))) is None
