"""What environments need of a store, and that it stays."""

import pytest

from trimtab.bundle.collect import collect
from trimtab.bundle.keeping.needed import need, needed
from trimtab.bundle.stock import Limits, stock
from trimtab.bundle.store import Store
from trimtab.core.errors import OutsideError, UserError

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def test_every_environment_says_what_it_needs_for_itself(tmp_path):
    need(tmp_path, "prod", "churn", {ONE: "live", TWO: "rollback"})
    need(tmp_path, "dev", "churn", {TWO: "live"})
    assert needed(tmp_path) == {ONE: ("live in prod",), TWO: ("live in dev", "rollback in prod")}
    need(tmp_path, "prod", "churn", {TWO: "live"})
    assert needed(tmp_path) == {TWO: ("live in dev", "live in prod")}


def test_two_projects_that_share_a_store_need_each_their_own(tmp_path):
    need(tmp_path, "prod", "churn", {ONE: "live"}, "a1")
    need(tmp_path, "prod", "churn", {ONE: "live", TWO: "rollback"}, "b2")
    assert needed(tmp_path) == {ONE: ("live in prod",), TWO: ("rollback in prod",)}
    need(tmp_path, "prod", "churn", {}, "b2")
    assert needed(tmp_path) == {ONE: ("live in prod",)}


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "needed").write_text("no folder")
    with pytest.raises(OutsideError) as failed:
        need(tmp_path, "prod", "churn", {ONE: "live"})
    assert failed.value.problems[0].code == "P236"


def test_nobody_needs_anything_of_a_new_store(tmp_path):
    assert needed(tmp_path) == {}


@pytest.mark.parametrize(("environment", "digest"), [("../up", ONE), ("prod", "sha256:1")])
def test_names_and_digests_are_what_they_say(tmp_path, environment, digest):
    with pytest.raises(UserError) as refused:
        need(tmp_path, environment, "churn", {digest: "live"})
    assert refused.value.problems[0].code == "P232"
    assert not list(tmp_path.iterdir())


def test_what_is_needed_is_never_collected(tmp_path, write_bundle):
    store = Store(tmp_path / "store")
    digest = write_bundle(tmp_path / "bundle")
    store.add(tmp_path / "bundle")
    need(store.root, "prod", "m", {digest: "rollback"})
    del store
    again = Store(tmp_path / "store")
    assert collect(again, Limits(keep=0)).bundles == ()
    assert [one.needed for one in stock(again)] == [("rollback in prod",)]
    need(again.root, "prod", "m", {})
    assert [entry.digest for entry in collect(again, Limits(keep=0)).bundles] == [digest]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b"\xff"])
def test_where_it_cannot_be_known_nothing_is_collected(tmp_path, write_bundle, content):
    write_bundle(tmp_path / "bundle")
    Store(tmp_path / "store").add(tmp_path / "bundle")
    need(tmp_path / "store", "prod", "m", {})
    (tmp_path / "store/needed/prod/m.json").write_bytes(content)
    with pytest.raises(UserError) as refused:
        collect(Store(tmp_path / "store"), Limits(keep=0))
    assert refused.value.problems[0].code == "P296"
    assert len(list((tmp_path / "store/bundles/sha256").iterdir())) == 1
