"""A repository as a source and a sink: documents, names that stay, and what refers to what."""

import json

import pytest
from tests.doubles.registries import MemoryRegistry, Said, digest_of

from trimtab.bundle.oci.blobs import copy, read_document, verified
from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.spec import (
    EMPTY,
    INDEX,
    MANIFEST,
    Descriptor,
    Index,
    Manifest,
    decode_index,
    described,
    document,
)
from trimtab.core.errors import OutsideError, UserError

CONFIG = b"{}"


def manifest(number=0, subject=None, kind="application/vnd.example.kind"):
    return document(
        Manifest(
            schema_version=2,
            media_type=MANIFEST,
            artifact_type=kind,
            config=described(CONFIG, EMPTY),
            annotations={"number": str(number)},
            subject=subject,
        )
    )


class MemorySource:
    """These bytes by their digest."""

    def __init__(self, *contents):
        self.contents = {digest_of(content): content for content in contents}

    def resolve(self, reference):
        return described(self.contents[reference], MANIFEST)

    def read(self, descriptor):
        yield self.contents[descriptor.digest]


@pytest.fixture
def memory():
    return MemoryRegistry(blobs={digest_of(CONFIG): CONFIG})


def opened(memory):
    return Registry(memory.session(), "team/m")


def put(memory, data, tag="", media_type=MANIFEST):
    found = described(data, media_type)
    opened(memory).tag(found, data, tag)
    return found


def test_a_document_is_found_by_its_tag_and_its_digest_and_read_once(memory):
    data = manifest()
    put(memory, data, "v1")
    registry = opened(memory)
    found = registry.resolve("v1")
    assert found == Descriptor(MANIFEST, digest_of(data), len(data))
    assert read_document(registry, found) == data
    assert len(memory.asked("GET")) == 2  # one of them before the tag was given
    assert read_document(opened(memory), found) == data
    assert "application/vnd.docker.distribution.manifest.list.v2+json" in memory.seen[-1].headers["accept"]


@pytest.mark.parametrize("reference", ["none", f"sha256:{'0' * 64}", "a b", "", "../x", "sha256:12"])
def test_what_is_not_there_or_no_name_is_said(memory, reference):
    with pytest.raises(UserError, match="P211"):
        opened(memory).resolve(reference)


def test_a_document_of_another_digest_is_refused(memory):
    memory.before = lambda _: Said(200, {"content-type": MANIFEST}, b"other")
    with pytest.raises(UserError, match="P212"):
        opened(memory).resolve(f"sha256:{'0' * 64}")


@pytest.mark.parametrize("headers", [{"content-length": "5000000"}, {"content-length": "x"}])
def test_a_document_that_is_too_long_is_not_read(memory, headers):
    memory.before = lambda _: Said(200, headers, b"x" * 5_000_000)
    with pytest.raises((UserError, OutsideError), match="is longer than"):
        opened(memory).resolve("v1")


def test_a_document_that_broke_is_asked_for_again(memory):
    data = manifest()
    put(memory, data, "v1")
    broken = [Said(200, {}, data, breaks=3)]
    memory.before = lambda _: broken.pop() if broken else None
    assert opened(memory).resolve("v1").digest == digest_of(data)


def test_a_tag_is_never_moved(memory):
    put(memory, manifest(1), "v1")
    put(memory, manifest(1), "v1")
    with pytest.raises(UserError, match="P239"):
        put(memory, manifest(2), "v1")
    assert memory.manifests["v1"][1] == manifest(1)


def test_a_document_without_a_tag_has_its_digest(memory):
    found = put(memory, manifest())
    assert set(memory.manifests) == {found.digest}


def test_a_registry_that_keeps_something_else_is_found_out(memory):
    memory.before = lambda request: Said(201, {"docker-content-digest": "other"}) if request.method == "PUT" else None
    with pytest.raises(OutsideError, match="kept `other`"):
        put(memory, manifest())


@pytest.mark.parametrize("api", [True, False])
def test_referrers_are_found_with_and_without_an_api_for_them(memory, api):
    memory.referrers = api
    root = put(memory, manifest())
    assert opened(memory).referrers(root.digest) == ()
    about = Descriptor(root.media_type, root.digest, root.size)
    added = [put(memory, manifest(number, about)) for number in (1, 2, 2)]
    put(memory, manifest(3, Descriptor(MANIFEST, digest_of(CONFIG), 2)))
    found = opened(memory).referrers(root.digest)
    assert [one.digest for one in found] == [added[0].digest, added[1].digest]
    assert {one.artifact_type for one in found} == {"application/vnd.example.kind"}
    tag = root.digest.replace(":", "-")
    assert (tag in memory.manifests) is not api
    if not api:
        assert len(decode_index(memory.manifests[tag][1], "").manifests) == 2


def test_a_list_of_referrers_that_others_change_is_written_again(memory):
    memory.referrers = False
    root = put(memory, manifest())
    about = Descriptor(root.media_type, root.digest, root.size)
    tag = root.digest.replace(":", "-")
    empty = document(Index(schema_version=2, media_type=INDEX))
    lost = [1]

    def before(request):
        if request.method == "GET" and request.url.endswith(tag) and len(memory.asked("PUT")) == 3 and lost:
            lost.pop()
            memory.manifests[tag] = (INDEX, empty)

    memory.before = before
    one = put(memory, manifest(1, about))
    assert [found.digest for found in opened(memory).referrers(root.digest)] == [one.digest]


def test_pages_of_referrers_are_read_to_an_end(memory):
    def page(request):
        number = int(request.url.rpartition("=")[2]) if "=" in request.url else 0
        data = manifest(number)
        entries = [{"mediaType": MANIFEST, "digest": digest_of(data), "size": len(data)}]
        body = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
        target = f'</v2/team/m/referrers/x?page={number + 1}>; rel="next"'
        return Said(200, {"content-type": INDEX} | ({"link": target} if number < last[0] else {}), body)

    last = [2]
    memory.before = page
    assert len(opened(memory).referrers("x")) == 3
    last[0] = 10**6
    with pytest.raises(OutsideError, match="more than 100 pages"):
        opened(memory).referrers("x")


def test_pages_elsewhere_are_not_read(memory):
    body = b'{"schemaVersion": 2, "manifests": []}'
    link = {"link": '<https://elsewhere.example/>; rel="next"', "content-type": INDEX}
    memory.before = lambda _: Said(200, link, body)
    with pytest.raises(OutsideError, match="sends us elsewhere"):
        opened(memory).referrers("x")


def test_blobs_go_in_once_and_come_out_from_anywhere(memory):
    blob = described(b"content", "application/octet-stream")
    data = document(
        Manifest(schema_version=2, media_type=MANIFEST, config=described(CONFIG, EMPTY), layers=(blob, blob))
    )
    source = MemorySource(data, CONFIG, b"content")
    registry = opened(memory)
    moved = copy(source, described(data, MANIFEST), registry, "v1")
    assert (moved.sent, moved.blobs, registry.travelled) == (7, 1, {blob.digest: 7})
    assert copy(source, described(data, MANIFEST), registry, "v1").sent == 0
    assert b"".join(verified(blob, registry.read(blob))) == b"content"
    assert b"".join(registry.read_from(blob, 3)) == b"tent"
    assert registry.name == "registry.example:443/team/m"
