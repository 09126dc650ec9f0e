"""Blobs into a registry that keeps to the specification: chunks, what happens when they break, mounts."""

import pytest
from tests.doubles.registries import MemoryRegistry, Said, digest_of

from trimtab.bundle.oci.remote.faults import Broken
from trimtab.bundle.oci.remote.upload import Place, upload
from trimtab.bundle.oci.spec import Descriptor
from trimtab.core.errors import OutsideError, Problem, UserError

CHUNK = 4 << 20
SMALL = b"x" * 1000
LARGE = bytes(range(251)) * 40_000  # a bit more than two chunks


def blob(data):
    return Descriptor("application/octet-stream", digest_of(data), len(data))


class Again:
    """Content that can be read again; how often it was."""

    def __init__(self, data):
        self.data, self.times = data, 0

    def __iter__(self):
        self.times += 1
        return (self.data[at : at + 999_999] for at in range(0, len(self.data), 999_999))


def send(registry, data, content=None, mounts=()):
    return upload(Place(registry.session(), "team/m", mounts), blob(data), Again(data) if content is None else content)


def test_a_small_blob_is_two_requests():
    registry = MemoryRegistry()
    assert send(registry, SMALL) == len(SMALL)
    assert registry.blobs == {digest_of(SMALL): SMALL}
    assert [one.method for one in registry.seen] == ["POST", "PUT"]


def test_nothing_is_a_blob_too():
    registry = MemoryRegistry()
    assert send(registry, b"") == 0
    assert registry.blobs == {digest_of(b""): b""}


def test_a_large_one_goes_in_chunks():
    registry = MemoryRegistry()
    assert send(registry, LARGE) == len(LARGE)
    assert registry.blobs == {digest_of(LARGE): LARGE}
    assert [len(one.body) for one in registry.asked("PATCH")] == [CHUNK, CHUNK, len(LARGE) - 2 * CHUNK]


@pytest.mark.parametrize(("least", "chunks"), [(5 << 20, 2), (1000, 3), (10**11, 0)])
def test_chunks_are_as_long_as_the_registry_wants(least, chunks):
    registry = MemoryRegistry(least=least)
    send(registry, LARGE)
    assert registry.blobs == {digest_of(LARGE): LARGE}
    assert len(registry.asked("PATCH")) == chunks


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("kept", [0, 1, 1000, 500_000])
def test_a_chunk_that_broke_goes_on_behind_what_arrived(number, kept):
    registry = MemoryRegistry()

    def before(request):
        if request.method == "PATCH" and len(registry.asked("PATCH")) == number:
            registry.uploads["u0"] += request.body[:kept]
            raise Broken("broke the connection")

    registry.before = before
    content = Again(LARGE)
    send(registry, LARGE, content)
    assert registry.blobs == {digest_of(LARGE): LARGE}
    anew = number == 1 and kept == 1  # one byte is told like none
    assert content.times == 1 + anew
    if not anew:
        assert (
            sum(len(one.body) for one in registry.asked("PATCH"))
            == len(LARGE) + min(CHUNK, len(LARGE) - (number - 1) * CHUNK) - kept
        )
        assert len(registry.asked("POST")) == 1


def test_a_chunk_that_arrived_and_was_not_confirmed_is_not_sent_again():
    registry = MemoryRegistry()

    def before(request):
        if request.method == "PATCH" and len(registry.asked("PATCH")) == 1:
            registry.uploads["u0"] += request.body
            raise Broken("broke the connection")

    registry.before = before
    send(registry, LARGE)
    assert sum(len(one.body) for one in registry.asked("PATCH")) == len(LARGE)


def test_an_upload_that_is_lost_begins_anew_and_not_for_ever():
    registry = MemoryRegistry()

    def before(request):
        if request.method == "PATCH" and registry.uploads["u0"]:
            return Said(404)
        return None

    registry.before = before
    content = Again(LARGE)
    with pytest.raises(OutsideError, match="lost what was sent, 5 times in a row"):
        send(registry, LARGE, content)
    assert content.times == 5


def test_content_that_cannot_be_read_again_is_an_error():
    registry = MemoryRegistry()
    registry.before = lambda request: Said(404) if request.method == "PATCH" else None
    with pytest.raises(OutsideError, match="run the command again"):
        send(registry, LARGE, iter([LARGE]))


def test_a_registry_that_takes_nothing_is_given_up():
    registry = MemoryRegistry()
    nothing = {"location": "/v2/team/m/blobs/uploads/u0", "range": "0-0"}
    registry.before = lambda request: Said(202, nothing) if request.method == "PATCH" else None
    with pytest.raises(OutsideError, match="takes nothing"):
        send(registry, LARGE)


@pytest.mark.parametrize("span", ["0-99999999", "5-10", "x", "0-1"])
def test_a_registry_that_tells_nonsense_of_how_far_it_got_is_given_up(span):
    registry = MemoryRegistry()
    odd = {"location": "/v2/team/m/blobs/uploads/u0", "range": span}

    def before(request):
        if request.method == "PATCH":
            raise Broken("broke the connection")
        return Said(204, odd) if request.method == "GET" else None

    registry.before = before
    with pytest.raises(OutsideError, match="P247"):
        send(registry, LARGE)


def test_a_confirmation_that_was_lost_is_looked_up():
    registry = MemoryRegistry()

    def before(request):
        if request.method == "PUT":
            registry.blobs[digest_of(SMALL)] = SMALL
            raise Broken("broke the connection")

    registry.before = before
    assert send(registry, SMALL) == len(SMALL)
    assert [one.method for one in registry.seen] == ["POST", "PUT", "HEAD"]


def test_content_that_is_not_what_it_should_be_ends_it_before_anything_is_kept():
    def content():
        yield LARGE[:CHUNK]
        raise UserError(Problem("P212", "changed"))

    registry = MemoryRegistry()
    with pytest.raises(UserError, match="P212"):
        send(registry, LARGE, content())
    assert registry.blobs == {}


def test_a_registry_that_names_no_place_is_refused():
    registry = MemoryRegistry()
    registry.before = lambda request: Said(202) if request.method == "POST" else None
    with pytest.raises(OutsideError, match="does not say where"):
        send(registry, SMALL)


def test_what_another_repository_has_is_mounted():
    registry = MemoryRegistry(elsewhere={digest_of(SMALL): SMALL})
    assert send(registry, SMALL, mounts=("none", "other")) == 0
    assert registry.blobs == {digest_of(SMALL): SMALL}
    assert registry.asked("PUT") == []


def test_what_no_other_repository_has_is_sent():
    registry = MemoryRegistry()
    assert send(registry, SMALL, mounts=("other",)) == len(SMALL)


def test_whether_it_is_there():
    registry = MemoryRegistry(blobs={digest_of(SMALL): SMALL})
    place = Place(registry.session(), "team/m")
    assert place.has(blob(SMALL))
    assert not place.has(blob(LARGE))
    assert not place.has(Descriptor("x", digest_of(SMALL), 999))
    registry.before = lambda _: Said(307, {"location": "https://bucket.example/"})
    assert place.has(blob(SMALL))
