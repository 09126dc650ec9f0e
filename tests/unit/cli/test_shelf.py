"""What a name means to a server: the store's latest, or what the command line has said."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trimtab.bundle.store import Entry
from trimtab.cli.shelf import StoreShelf
from trimtab.core.errors import Problem, UserError


@dataclass
class MemoryBundle:
    name: str
    digest: str = "sha256:ab"


@dataclass
class MemoryStore:
    """Bundles by what one may call them."""

    bundles: dict = field(default_factory=dict)
    entries: tuple = ()
    root: Path = Path("/store")
    tagged: list = field(default_factory=list)

    def resolve(self, reference):
        if reference not in self.bundles:
            raise UserError(Problem("P230", f"there is no bundle `{reference}`"))
        return self.bundles[reference]

    def list(self):
        return self.entries

    def has(self, name):
        return name in self.bundles

    def pointed(self, name, alias):
        return self.bundles[f"{name}:{alias}" if alias != "latest" else name].digest

    def tag(self, name, alias, digest):
        self.tagged.append((name, alias, digest))


@pytest.fixture
def store():
    bundles = {"a": MemoryBundle("a", "1"), "a:prod": MemoryBundle("a", "2"), "b": MemoryBundle("b", "3")}
    entries = (Entry("1", "a", ("latest",), 0), Entry("2", "a", ("prod",), 0), Entry("3", "b", ("latest",), 0))
    return MemoryStore(bundles, (*entries, Entry("4", "", ("latest",), 0, "broken")))


def test_a_name_means_the_latest_of_the_store_unless_the_command_line_says_otherwise(store):
    shelf = StoreShelf(store, store.resolve, ["a:prod"])
    assert {name: one.digest for name, one in shelf.said().items()} == {"a": "2"}
    assert (shelf.find("a").digest, shelf.find("b").digest) == ("2", "3")
    assert shelf.known() == {"a": "", "b": "3"}


@pytest.mark.parametrize("name", ["c", "a:prod", "sha256:1", "./b", "../b", ""])
def test_what_is_no_name_of_the_store_reaches_no_bundle(store, name):
    store.bundles[name] = MemoryBundle("b")
    shelf = StoreShelf(store, store.resolve, ["a"])
    shelf.said()
    with pytest.raises(UserError, match="P122"):
        shelf.find(name)


def test_two_of_one_name_and_one_that_has_another_name_now_are_refused(store):
    with pytest.raises(UserError, match="P120"):
        StoreShelf(store, store.resolve, ["a", "a:prod"]).said()
    shelf = StoreShelf(store, store.resolve, ["a:prod"])
    shelf.said()
    store.bundles["a:prod"] = MemoryBundle("b")
    with pytest.raises(UserError, match="P120"):
        shelf.find("a")


def test_another_bundle_is_one_of_the_store(store):
    shelf = StoreShelf(store, store.resolve, ["a"])
    store.bundles |= {
        "sha256:abcdef": MemoryBundle("a", "5"),
        "./a": MemoryBundle("a", "6"),
        "c:x": MemoryBundle("c", "7"),
    }
    assert [shelf.another(reference).digest for reference in ("a:prod", "b", "sha256:abcdef")] == ["2", "3", "5"]
    for reference in ("./a", "c:x"):  # folders, whatever they hold
        with pytest.raises(UserError, match="P122"):
            shelf.another(reference)


@pytest.mark.parametrize(
    ("reference", "tagged"),
    [("a", ("a", "latest", "9")), ("a:prod", ("a", "prod", "9")), (None, ("a", "latest", "9"))],
)
def test_a_name_means_what_it_is_told_by_the_alias_that_the_command_line_said(store, reference, tagged):
    store.bundles[None] = store.bundles["a"]
    shelf = StoreShelf(store, store.resolve, [reference])
    now = shelf.said()["a"].digest
    assert shelf.mean("a", now) is True
    assert store.tagged == []  # it does already
    assert shelf.mean("a", "9") is True
    assert store.tagged == [tagged]


@pytest.mark.parametrize("reference", ["./a", "sha256:abcdef", "a@sha256:abcdef"])
def test_what_always_means_the_same_is_told_nothing(store, reference):
    store.bundles[reference] = MemoryBundle("a", "6")
    shelf = StoreShelf(store, store.resolve, [reference])
    shelf.said()
    assert shelf.mean("a", "9") is False
    assert store.tagged == []


def test_what_was_loaded_later_means_its_latest(store):
    shelf = StoreShelf(store, store.resolve, ["a:prod"])
    shelf.said()
    assert shelf.mean("b", "9") is True
    assert store.tagged == [("b", "latest", "9")]
