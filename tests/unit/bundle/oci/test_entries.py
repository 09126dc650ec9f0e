"""The two small files of a layout."""

import pytest

from trimtab.bundle.oci.entries import LAYOUT, REF_NAME, check_index, check_layout, entry_called, index_of
from trimtab.bundle.oci.spec import Descriptor, decode_index

DIGESTS = [f"sha256:{letter * 64}" for letter in "ab"]
NAMED = tuple(Descriptor("m", digest, 1, annotations={REF_NAME: f"tag-{digest[-1]}"}) for digest in DIGESTS)


def index(*entries):
    return decode_index(index_of(entries), "here")


def test_the_version_that_there_is_passes_however_it_is_written():
    check_layout(LAYOUT, "here")
    check_layout(b'{ "imageLayoutVersion": "1.0.0" }', "here")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"imageLayoutVersion":"1.0.1"}',
        b'{"imageLayoutVersion":"1.0.0","a":1}',
        b"[" * 10**5,
    ],
)
def test_any_other_layout_file_is_refused(refusal, data):
    found = refusal(check_layout, data, "here")
    assert (found.code, found.where) == ("P210", "here")


def test_what_an_index_may_say_passes():
    check_index(index_of(NAMED), "here")
    check_index(b'{"schemaVersion":2,"manifests":[]}', "here")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b'"annotations"', b'"annotationt"', "unknown field `annotationt` - at `$.manifests[0]`"),
        (b'"manifests"', b'"x":1,"manifests"', "unknown field `x`"),
        (b'"mediaType":"app', b'"mediaType":"bpp', "Invalid enum value"),
        (b'"schemaVersion":2', b'"schemaVersion":3', "Invalid enum value"),
        (b'"manifests"', b'"x":"\xff","manifests"', "here index.json"),
        (b'"manifests"', b'"manifests":[],"x":' + b"[" * 10**5 + b',"manifests"', "here index.json"),
    ],
)
def test_what_an_index_says_and_nobody_reads_is_refused(refusal, before, after, said):
    found = refusal(check_index, index_of(NAMED).replace(before, after, 1), "here")
    assert (found.code, found.where) == ("P210", "here index.json")
    assert said in f"{found.what} {found.where}"


def test_an_entry_is_found_by_tag_and_by_digest_and_the_only_one_by_nothing():
    assert entry_called(index(*NAMED), "tag-a", "here") == NAMED[0]
    assert entry_called(index(*NAMED), DIGESTS[1], "here") == NAMED[1]
    assert entry_called(index(NAMED[0]), "", "here") == NAMED[0]
    assert entry_called(index(NAMED[0], NAMED[0]), "", "here") == NAMED[0]


@pytest.mark.parametrize(
    ("entries", "reference", "what", "hint"),
    [
        (NAMED, "tag", "nothing called 'tag'", "it has 'tag-a', 'tag-b'"),
        (NAMED, "", "several entries called ''", "it has 'tag-a', 'tag-b'"),
        ((), "\x1b[2J", r"nothing called '\x1b[2J'", "it has nothing"),
    ],
)
def test_what_is_not_there_names_what_is(refusal, entries, reference, what, hint):
    found = refusal(entry_called, index(*entries), reference, "here")
    assert (found.code, found.what, found.hint, found.where) == ("P211", what, hint, "here")
