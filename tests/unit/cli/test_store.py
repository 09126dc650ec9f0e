"""`trimtab store`: the list, and what is removed, for people and programs."""

import json

import pytest

from trimtab.bundle.store import Store


@pytest.fixture
def two(here, write_bundle):
    """Two bundles, of which the second is `m:latest`; their digests."""
    digests = []
    for word in ("1", "2"):
        digests.append(write_bundle(here / word, files={"w": word.encode() * 10, "same": b"s" * 30}))
        store = Store(here / ".trimtab")
        store.add(here / word)
        store.tag("m", "latest", digests[-1])
    return digests


def test_the_list_names_every_bundle(type_in, two):
    said = type_in("store", "list")
    rows = [line.split() for line in said.out.splitlines()]
    assert (said.status, said.err) == (0, "")
    assert rows[0] == ["name", "digest", "aliases", "size", "shared", "state"]
    first, second = (digest[:15] for digest in two)
    assert ["m", first, "-", "40", "B", "30", "B", "former"] in rows
    assert ["m", second, "latest", "40", "B", "30", "B", "-"] in rows


def test_the_list_as_json_says_who_has_what(type_in, here, two):
    bundle = Store(here / ".trimtab").resolve("m")
    found = json.loads(type_in("store", "list", "--json").out)["bundles"]
    assert {one["digest"]: one["used"] for one in found} == {two[0]: False, bundle.digest: True}
    assert found[0].keys() == {"name", "digest", "aliases", "size", "shared", "used", "former", "needed", "fault"}


def test_an_empty_store_says_so(type_in):
    said = type_in("store", "list")
    assert (said.status, said.out, said.err) == (0, "", "no bundles\n")


def test_it_is_listed_before_it_is_deleted(type_in, here, two):
    dry = type_in("store", "gc", "--keep", "0")
    assert len(list((here / ".trimtab/bundles/sha256").iterdir())) == 2
    assert "`--delete` removes what is listed" in dry.err
    real = type_in("store", "gc", "--keep", "0", "--delete")
    assert real.out == dry.out.replace("would go  ", "removed   ").replace("would free", "freed     ")
    assert f"removed    m@{two[0][:15]}  40 B" in real.out
    assert [path.name for path in (here / ".trimtab/bundles/sha256").iterdir()] == [two[1][7:]]


@pytest.mark.usefixtures("two")
def test_former_bundles_stay_unless_told_otherwise(type_in):
    said = type_in("store", "gc", "--delete")
    assert said.out == "freed      0 B: 0 bundles, 0 blobs, 0 notes\n"


def test_the_answer_as_json(type_in, here, two):
    bundle = Store(here / ".trimtab").resolve(two[0])
    told = json.loads(type_in("store", "gc", "--keep", "0", "--json", "--delete").out)
    assert told == {
        "deleted": True, "removed": [], "used": [bundle.digest], "blobs": [], "beside": [], "freed": 0, "work": 0,
    }  # fmt: skip


def test_what_is_young_can_be_left(type_in, two):
    assert type_in("store", "gc", "--keep", "0", "--older-than", "1d", "--delete").out.startswith(
        "freed      0 B: 0 bundles"
    )
    assert type_in("store", "gc", "--keep", "0", "--older-than", "0s", "--delete").out.startswith(
        f"removed    m@{two[0][:15]}"
    )


@pytest.mark.parametrize("words", [("--older-than", "soon"), ("--keep", "-1")])
def test_what_is_no_age_or_number_is_exit_2(type_in, words):
    said = type_in("store", "gc", *words)
    assert (said.status, said.out) == (2, "")
    assert "error[P114]" in said.err
