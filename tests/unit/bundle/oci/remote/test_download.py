"""Blobs out of a registry, in one piece or in many."""

import pytest
from tests.doubles.registries import MemoryRegistry, Said, digest_of

from trimtab.bundle.oci.remote.download import download
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.session import Session
from trimtab.core.errors import OutsideError

DATA = bytes(range(256)) * 40
DIGEST = digest_of(DATA)
TARGET = f"/v2/team/m/blobs/{DIGEST}"


@pytest.fixture
def registry():
    return MemoryRegistry(blobs={DIGEST: DATA})


def fetch(registry, start=0, **patience):
    return b"".join(download(registry.session(**patience), TARGET, len(DATA), "s", start))


@pytest.mark.parametrize("start", [0, 1, 5000, len(DATA) - 1])
def test_from_anywhere_to_the_end(registry, start):
    assert fetch(registry, start) == DATA[start:]


def test_nothing_is_asked_for_what_is_empty_or_there(registry):
    assert fetch(registry, len(DATA)) == b""
    assert registry.seen == []


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_it_goes_on_where_it_broke(registry, knows_ranges):
    cuts = [0, 1000, 3500]

    def before(request):
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        if not cuts:
            return None if knows_ranges else Said(200, {}, DATA)
        if knows_ranges or not start:
            head = {"content-range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"} if start else {}
            return Said(206 if start else 200, head, DATA[start:], breaks=cuts.pop(0))
        return Said(200, {}, DATA, breaks=start + cuts.pop(0))

    registry.before = before
    assert fetch(registry) == DATA
    assert [one.headers.get("range") for one in registry.seen] == [None, None, "bytes=1000-", "bytes=4500-"]
    assert all(answer.closed for answer in registry.answers)


def test_it_ends_when_it_never_gets_on(registry):
    registry.before = lambda _: Said(200, {}, DATA, breaks=0)
    with pytest.raises(OutsideError, match="4 times in a row"):
        fetch(registry, attempts=4)
    assert len(registry.seen) == 4


@pytest.mark.parametrize("span", ["", "bytes 0-9/10", "bytes 6000-9/10", "bytes x", "bytes 5000-*/10"])
def test_another_part_than_was_asked_for_is_refused(registry, span):
    registry.before = lambda _: Said(206, {"content-range": span}, DATA[5000:])
    with pytest.raises(OutsideError, match="another part"):
        fetch(registry, 5000)


def test_what_is_too_long_stops_at_once(registry):
    registry.before = lambda _: Said(200, {}, DATA * 100)
    found = b"".join(download(registry.session(), TARGET, len(DATA), "s"))
    assert len(DATA) < len(found) <= len(DATA) + 1000
    assert registry.answers[0].closed


def test_what_is_too_short_ends_and_is_not_asked_for_again(registry):
    registry.before = lambda _: Said(200, {}, DATA[:-1])
    assert fetch(registry) == DATA[:-1]
    assert len(registry.seen) == 1


def test_a_registry_that_drips_is_given_up():
    registry = MemoryRegistry(blobs={DIGEST: DATA})
    now = [0.0]

    def clock():
        now[0] += 30.0
        return now[0]

    machine = Machine(clock, registry.pauses.append, lambda: 1.0)
    talk = Session(registry, registry.session().origin, lambda: None, Patience(attempts=2, slowest=1e6), machine)
    with pytest.raises(OutsideError, match="sends less than 1000000 bytes a second"):
        list(download(talk, TARGET, len(DATA), "s"))
